"""Label models: estimate source accuracies from votes alone, and label with them."""
