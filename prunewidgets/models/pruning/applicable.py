"""DoesNotApplyError: a criterion has no scores for a model, whatever the examples."""


class DoesNotApplyError(ValueError):
    """A criterion cannot score some weights of a model: the model is why, and not the examples."""
