"""Plan how much each layer gives up so that the whole model meets a budget."""
