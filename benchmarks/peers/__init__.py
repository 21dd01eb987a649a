"""What the rows are compared with: PyTorch in .venv-bench, and the widgets that a notebook would use."""
