"""dvc.yaml against the code: stages exist, depend on what they use, and never on what they must not know."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo

from flows.config import NO_FILE, load_config
from flows.pipeline import plan_stages
from flows.steps.figure4 import PANELS
from flows.steps.ingest import READ
from flows.trials import CODE as CODE_OF_TRIALS
from tests.local_imports import ROOT, closure, module_file

# What decides no stage's output: configuration is tracked by value, as the params of a stage; the others find modules.
PLUMBING = {
    *Path("flows/config").glob("*.py"),
    Path("flows/cli.py"),
    Path("flows/__init__.py"),
    Path("flows/steps/__init__.py"),
    Path("metal/applications/__init__.py"),
    # Where the work is done, never what comes out.
    Path("flows/engine.py"),
    Path("metal/engine.py"),
    Path("metal/dask_engine.py"),
}
# An application brings the reader of its corpus, which ingest alone calls; acquire writes the sample.
READERS = Path("metal/corpora")
CODE = ("metal", "flows")


@pytest.fixture(scope="module")
def stages() -> Iterator[dict[str, Any]]:
    with Repo(str(ROOT)) as repo:
        yield {stage.addressing: stage for stage in repo.index.stages}


def dependencies(stage: Any) -> list[Path]:
    return [Path(dep.def_path) for dep in stage.deps if not hasattr(dep, "params")]


def outputs(stage: Any) -> list[Path]:
    return [Path(out.def_path) for out in stage.outs]


def step_module(stage: Any) -> str:
    words = stage.cmd.split()
    assert words[:2] == ["python", "-m"], stage.cmd
    return str(words[2])


def overlaps(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def upstream(stages: dict[str, Any], name: str) -> set[str]:
    """Stages whose outputs a stage depends on, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        needed = [dep for dep in dependencies(stages[waiting.pop()]) if dep.parts[0] == "data"]
        for other, stage in stages.items():
            if other not in found and any(overlaps(dep, out) for dep in needed for out in outputs(stage)):
                found.add(other)
                waiting.append(other)
    return found


def test_nothing_is_looked_up_in_a_directory_that_is_another_in_each_run(stages: dict[str, Any]) -> None:
    """Great Expectations' pages bear the time: a directory with them is never the one that dvc.lock names.

    `dvc exp run` looks a file up in the directory of dvc.lock, and fails where the cache lacks that.
    """
    dated = [out for name, stage in stages.items() if name.startswith("validate@") for out in outputs(stage)]
    assert dated
    needed = {dep for stage in stages.values() for dep in dependencies(stage)}
    assert not [dep for dep in needed if any(out in dep.parents for out in dated)]


def test_every_step_application_method_and_supervision_has_its_stage(stages: dict[str, Any]) -> None:
    config = load_config(ROOT / "params.yaml")
    per_application = ["acquire", "ingest", "label", "validate", "gate", "gold", "embed", "evaluate"]
    expected = {f"{step}@{application}" for step in per_application for application in config.applications}
    expected |= {f"fit@{a}-{method}" for a in config.applications for method in config.methods}
    expected |= {f"train@{a}-{supervision}" for a in config.applications for supervision in config.supervisions}

    expected |= {f"flows/figure4/dvc.yaml:figure4@{panel}" for panel in PANELS}
    expected |= {f"flows/paper/dvc.yaml:study@{a}-{s}" for a in config.applications for s in config.paper.studies}
    expected |= {"flows/paper/dvc.yaml:paper"}

    assert set(stages) == expected | {"summarize"}


def test_what_reproduces_the_pipeline_leaves_the_simulations_out() -> None:
    """`dvc repro` and the main job take the stages of dvc.yaml, and so does the flow; `make figures` the others."""
    with Repo(str(ROOT)) as repo:
        taken = {stage.addressing for stage in repo.stage.collect("dvc.yaml")}
        simulations = {stage.addressing for stage in repo.stage.collect("flows/figure4/dvc.yaml")}

    assert simulations == {f"flows/figure4/dvc.yaml:figure4@{panel}" for panel in PANELS}
    assert not taken & simulations
    assert taken == set(plan_stages(ROOT).upstream)


def test_every_command_runs_a_module_that_exists(stages: dict[str, Any]) -> None:
    missing = {stage.cmd for stage in stages.values() if module_file(step_module(stage)) is None}

    assert not missing


def test_every_input_is_written_by_a_stage(stages: dict[str, Any]) -> None:
    written = [out for stage in stages.values() for out in outputs(stage)]
    orphans = {
        (name, str(dep))
        for name, stage in stages.items()
        for dep in dependencies(stage)
        if dep.parts[0] == "data" and not any(overlaps(dep, out) for out in written)
    }

    assert not orphans


def used_code(stage: Any) -> set[Path]:
    """Our files that decide a stage's output: through imports, and the application package loaded by its name."""
    file = module_file(step_module(stage))
    assert file is not None
    reached = closure({file}, ignore=PLUMBING)
    if any("load_application(" in (ROOT / path).read_text() for path in reached if path.parts[0] == "flows"):
        package = Path("metal/applications") / stage.name.split("@")[1].split("-")[0]
        reached |= closure({path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py")}, ignore=PLUMBING)
    return {
        path for path in reached if stage.name.startswith(("ingest@", "acquire@")) or not path.is_relative_to(READERS)
    }


def is_used(declared: Path, used: set[Path]) -> bool:
    """Whether a declared file or folder holds used code; what is no code must be named in some."""
    if (ROOT / declared).is_file() and declared.suffix != ".py":
        return any(declared.name in (ROOT / file).read_text() for file in used)
    return any(file.is_relative_to(declared) for file in used)


def test_code_dependencies_are_those_of_the_imports(stages: dict[str, Any]) -> None:
    """Changing a file re-runs the stages that use it, and no others."""
    problems = []
    for name, stage in stages.items():
        declared = [dep for dep in dependencies(stage) if dep.parts[0] in CODE and dep != Path(NO_FILE)]
        used = used_code(stage)
        undeclared = [str(file) for file in used if not any(file.is_relative_to(dep) for dep in declared)]
        unused = [str(dep) for dep in declared if not is_used(dep, used)]
        if undeclared or unused:
            problems.append(f"{name}: undeclared {sorted(undeclared)}, unused {sorted(unused)}")

    assert not problems, "\n".join(problems)


def test_all_declared_code_exists(stages: dict[str, Any]) -> None:
    missing = {
        str(d) for s in stages.values() for d in dependencies(s) if d.parts[0] in CODE and not (ROOT / d).exists()
    }

    assert not missing


def test_labels_and_their_check_never_see_gold(stages: dict[str, Any]) -> None:
    for name in ("label@report", "embed@report", "gate@report"):
        assert not [dep for dep in dependencies(stages[name]) if "gold" in dep.parts], name


def test_no_model_depends_on_the_gold_labels_of_the_test_split(stages: dict[str, Any]) -> None:
    """Ingest writes gold/ as one output; what counts is which of its files a stage declares."""
    for name in stages:
        if not name.startswith(("ingest", "evaluate", "summarize", "flows/paper/")):  # which score
            gold = {str(dep) for dep in dependencies(stages[name]) if "gold" in dep.parts}
            assert gold <= {"data/corpora/report/gold/dev.parquet"}, name


def test_every_parameter_exists(stages: dict[str, Any]) -> None:
    with Repo(str(ROOT)) as repo:
        missing = {
            f"{name}: {key}"
            for name, stage in ((s.addressing, s) for s in repo.index.stages)
            for dep in stage.deps
            if hasattr(dep, "params")
            for key in dep.params
            if key not in dep.read_params()
        }

    assert not missing


def test_training_restarts_for_its_own_parameters_only(stages: dict[str, Any]) -> None:
    [params] = [dep.params for dep in stages["train@report-metal"].deps if hasattr(dep, "params")]

    assert set(params) == {"end_models.report", "trials"}


def test_interrupted_trainings_belong_to_all_of_the_code_that_trains() -> None:
    """A training is not taken up where any of it has changed since."""
    assert {file.relative_to(ROOT) for file in CODE_OF_TRIALS} == closure({Path("flows/trials.py")}, ignore=PLUMBING)


def test_ingest_restarts_for_what_it_and_the_reader_see(stages: dict[str, Any]) -> None:
    [params] = [dep.params for dep in stages["ingest@report"].deps if hasattr(dep, "params")]

    assert set(params) == {f"report.{key}" for key in READ} | {"engine.partition_rows"}


def test_files_that_the_configuration_names_are_dependencies(tmp_path: Path) -> None:
    """DVC sees their content, so that another file of the same name is not taken for the first."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["files"]["report"] = {
        "path": "mine/archive.tgz",
        "labels": "mine/labels.csv",
        "patches": "mine/patch.json",
    }
    params["embeddings"]["path"] = "mine/vectors.txt"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    (tmp_path / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text())
    with Repo.init(str(tmp_path), no_scm=True) as repo:
        mine = {
            stage.name: {Path(dep.def_path).name for dep in stage.deps if "mine" in Path(dep.def_path).parts}
            for stage in repo.index.stages
        }

    assert {name: files for name, files in mine.items() if files} == {
        "acquire@report": {"archive.tgz"},
        "ingest@report": {"labels.csv", "patch.json"},
        "embed@report": {"vectors.txt"},
    }


def test_there_is_a_file_for_where_none_is_named(stages: dict[str, Any]) -> None:
    for name in ("acquire@report", "ingest@report", "embed@report"):
        assert Path(NO_FILE) in dependencies(stages[name]), name
    assert (ROOT / NO_FILE).is_file()
