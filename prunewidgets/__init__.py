"""Learn neural-network pruning by doing it: widgets and tools for live Keras models.

``import prunewidgets as pw`` costs almost nothing: every name below is imported when it is first used, so
neither TensorFlow, Keras, pandas nor a widget library is loaded before something needs it.

The worked example of the first chapter (``pw.example``) is the 3×4 matrix of the article that the workbook
starts from, "剪枝技术：精简神经网络的有效方法" (pruning, an effective way to slim neural networks),
section 4.3.
"""

import sys
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> the module that defines it. None: the name is itself a module of this package.
_HOME: dict[str, str | None] = {
    "example": None,
    "thresholds": None,
    "ledger": None,
    "datasets": None,
    "plots": None,
    "comparison_plots": None,
    "models": None,
    "schedules": None,
    "patterns": None,
    "layouts": None,
    "low_rank": None,
    "quantization": None,
    "compact": None,
    "score": "criteria",
    "Masks": "masks",
    "LiveModel": "models",
    "progress": "progress_bar",
    "compare": "runs",
    "summary": "runs",
    "FollowTraining": "models",
    "GradualPruning": "models",
    "RewindPoint": "models",
    "lottery_tickets": "models",
    "data_score": "models",
    "prune": "models",
    "accuracy_curve": "models",
    "sensitivity": "models",
    "channel_groups": "models",
    "unit_scores": "models",
    "mask_units": "models",
    "shrink": "models",
    "factorize": "models",
    "rank_plan": "models",
    "quantize": "models",
    "quantized_weights": "models",
    "with_weights": "models",
    "tune_codebooks": "models",
    "save_compact": "models",
    "load_compact": "models",
    "export": "models",
    "reload": "models",
    "costs": "models",
    "latency": "models",
    "peak_memory": "models",
    "sparse_wins": "models",
    "ThresholdSlider": "widgets",
    "WeightHistogram": "widgets",
    "SparsityHeatmap": "widgets",
    "AccuracyCurve": "widgets",
    "SortingSteps": "widgets",
    "ScheduleView": "widgets",
    "LedgerView": "widgets",
    "link": "widgets",
    "PruningLab": "lab",
    "LedgerLab": "ledger_lab",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562) and keep it, so that the next use is a plain attribute."""
    if name not in _HOME:
        raise AttributeError(f"module 'prunewidgets' has no attribute {name!r}; it has: {', '.join(_HOME)}")
    home = _HOME[name]
    module = import_module(f"{__name__}.{home or name}")
    value = module if home is None else getattr(module, name)
    globals()[name] = value
    return value


if "IPython" in sys.modules:
    import_module(".cell_interrupts", __name__).listen()


def __dir__() -> list[str]:
    return sorted(__all__)
