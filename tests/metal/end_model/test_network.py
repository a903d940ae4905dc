"""The network's encoder and layers: what each is given, and what it makes of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from metal.end_model.network import MultiTaskNetwork
from metal.end_model.parameters import POOLINGS
from metal.end_model.tokens import Tokens
from tests.metal.end_model.small_network import PET, TOKENS, inputs, lstm, network


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_is_read_the_same_alone_and_padded_beside_longer_ones(pooling: str) -> None:
    model = network(PET, pooling=pooling)
    together = model.log_probabilities(*inputs())
    for position in range(len(TOKENS)):
        alone = model.log_probabilities(*inputs(TOKENS.take(np.array([position]))))
        assert alone[0].tolist() == pytest.approx(together[position].tolist(), abs=1e-5)


def test_the_encoder_is_torchs_bidirectional_lstm_over_packed_sequences() -> None:
    model = network(PET, layers=())
    oracle = torch.nn.LSTM(7, 5, batch_first=True, bidirectional=True)
    oracle.load_state_dict(
        dict(lstm(model).forward_lstm.state_dict())
        | {f"{name}_reverse": value for name, value in lstm(model).backward_lstm.state_dict().items()}
    )
    ids, lengths = inputs()
    packed = torch.nn.utils.rnn.pack_padded_sequence(lstm(model).embedding(ids), lengths, True, enforce_sorted=False)
    states, _ = torch.nn.utils.rnn.pad_packed_sequence(oracle(packed)[0], True, padding_value=-torch.inf)
    expected = torch.log_softmax(model.heads[0](states.amax(dim=1)), dim=1)
    assert model(ids, lengths)[0].detach().numpy() == pytest.approx(expected.detach().numpy(), abs=1e-5)


def given_to(model: MultiTaskNetwork, part: torch.nn.Module, tokens: Tokens = TOKENS) -> torch.Tensor:
    """Run the model on texts and return what reaches a part of it."""
    seen: list[torch.Tensor] = []
    with part.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0].detach().clone())):
        model(*inputs(tokens))
    return seen[0]


def test_shared_layers_are_linear_and_rectified() -> None:
    model = network(PET, layers=(4, 3))
    hidden = given_to(model, model.shared).numpy()
    assert hidden.shape == (3, 10)  # 5 units in each direction
    linear = [part for part in model.shared if isinstance(part, torch.nn.Linear)]
    assert [part.out_features for part in linear] == [4, 3]
    for layer in (*linear, model.heads[0]):
        assert isinstance(layer, torch.nn.Linear)
        before = hidden @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        hidden = np.maximum(before, 0)
    assert (before < 0).any(), "the scores of a head are not rectified"
    expected = before - np.log(np.exp(before).sum(axis=1, keepdims=True))
    assert model(*inputs())[0].detach().numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_token_dropout_silences_whole_tokens_and_scales_the_others(share: float) -> None:
    tokens = Tokens.from_rows([[1, 2, 3, 4, 5] * 80])
    model = network(PET, input_dropout=share)
    embedded = lstm(model).embedding(inputs(tokens)[0]).detach()
    assert torch.equal(given_to(model, lstm(model).forward_lstm, tokens), embedded), "all are read when not training"

    model.train()
    torch.manual_seed(0)
    read = given_to(model, lstm(model).forward_lstm, tokens)

    silent = (read == 0).all(dim=2)
    # Of 400 tokens, a share is silent: binomial, with a standard deviation of at most .025.
    assert float(silent.float().mean()) == pytest.approx(share, abs=0.1)
    # In the mean a token is read as it is: those that are kept are scaled by 1 / (1 - share).
    assert torch.allclose(read[~silent], embedded[~silent] / (1 - share))
    torch.manual_seed(0)
    backward = given_to(model, lstm(model).backward_lstm, tokens)
    assert torch.equal(backward, read.flip(1)), "both directions read the same tokens"


def test_dropout_silences_inputs_of_the_shared_layers_while_training_only() -> None:
    tokens = Tokens.from_rows([[1, 2, 3, 4, 5]] * 100)
    model = network(PET, dropout=0.5)
    first = next(part for part in model.shared if isinstance(part, torch.nn.Linear))
    calm = given_to(model, first, tokens)
    assert torch.count_nonzero(calm) == calm.numel() == 1000

    model.train()
    torch.manual_seed(0)
    shaken = given_to(model, first, tokens)

    kept = shaken != 0
    assert float(kept.float().mean()) == pytest.approx(0.5, abs=0.1)  # standard deviation .016
    assert torch.allclose(shaken[kept], 2 * calm[kept])


def test_embeddings_learn_only_if_told_to() -> None:
    assert not lstm(network(PET)).embedding.weight.requires_grad
    assert lstm(network(PET, train_embeddings=True)).embedding.weight.requires_grad
