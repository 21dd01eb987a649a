"""Learn neural-network pruning by doing it: widgets and tools for live Keras models.

``import prunewidgets as pw`` costs almost nothing: every name below is imported when it is first used, so
neither TensorFlow, Keras, pandas nor a widget library is loaded before something needs it.

The worked example of the first chapter (``pw.example``) is the 3×4 matrix of the article that the workbook
starts from, "剪枝技术：精简神经网络的有效方法" (pruning, an effective way to slim neural networks),
section 4.3.
"""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

# Public name -> where it is defined, relative to this package: a module, or "module:name". Editors and type
# checkers read the same from __init__.pyi.
_HOME = {
    "example": "data.example",
    "thresholds": "core.thresholds",
    "ledger": "core.ledger",
    "datasets": "data.datasets",
    "wordpieces": "data.wordpieces",
    "plots": "plots",
    "comparison_plots": "plots.comparison",
    "models": "models",
    "schedules": "core.schedules",
    "patterns": "core.patterns",
    "layouts": "core.layouts",
    "low_rank": "core.low_rank",
    "quantization": "core.quantization",
    "ranking": "core.ranking",
    "detection": "core.detection",
    "compact": "compact",
    "methods": "method_table:methods",
    "score": "core.criteria:score",
    "Masks": "core.masks:Masks",
    "paired": "core.paired:paired",
    "neighbors_kept": "core.neighbors:neighbors_kept",
    "mask_overlap": "core.overlap:mask_overlap",
    "LiveModel": "models:LiveModel",
    "progress": "utils.progress_bar:progress",
    "compare_methods": "experiments.compare:compare_methods",
    "load_runs": "experiments.load:load_runs",
    "report": "experiments.report:report",
    "Report": "experiments.report:Report",
    "summarize_runs": "experiments.summary:summarize_runs",
    "FollowTraining": "models:FollowTraining",
    "GradualPruning": "models:GradualPruning",
    "SparseTraining": "models:SparseTraining",
    "refresh_statistics": "models:refresh_statistics",
    "variational_dropout": "models:variational_dropout",
    "learned_thresholds": "models:learned_thresholds",
    "sr_ste": "models:sr_ste",
    "slimming": "models:slimming",
    "smallest_networks": "models:smallest_networks",
    "SmallestNetworks": "models:SmallestNetworks",
    "RewindPoint": "models:RewindPoint",
    "lottery_tickets": "models:lottery_tickets",
    "data_score": "models:data_score",
    "prune": "models:prune",
    "prune_and_update": "models:prune_and_update",
    "hold_zeros": "models:hold_zeros",
    "accuracy_curve": "models:accuracy_curve",
    "sensitivity": "models:sensitivity",
    "plan": "models:plan",
    "Plan": "models:Plan",
    "channel_groups": "models:channel_groups",
    "register_channels": "models:register_channels",
    "unit_score": "models:unit_score",
    "unit_masks": "core.unit_masks:unit_masks",
    "unit_sensitivity": "models:unit_sensitivity",
    "mask_units": "models:mask_units",
    "shrink": "models:shrink",
    "factorize": "models:factorize",
    "rank_plan": "models:rank_plan",
    "search_plan": "models:search_plan",
    "quantize": "models:quantize",
    "quantized_weights": "models:quantized_weights",
    "copy_with_weights": "models:copy_with_weights",
    "tune_codebooks": "models:tune_codebooks",
    "save_model": "models:save_model",
    "load_model": "models:load_model",
    "save_compact": "models:save_compact",
    "load_compact": "models:load_compact",
    "export": "models:export",
    "load_exported": "models:load_exported",
    "early_exits": "models:early_exits",
    "exit_curve": "models:exit_curve",
    "exit_runner": "models:exit_runner",
    "gate_channels": "models:gate_channels",
    "ChannelGate": "models:ChannelGate",
    "costs": "models:costs",
    "latency": "models:latency",
    "peak_memory": "models:peak_memory",
    "sparse_speedup": "models:sparse_speedup",
    "ThresholdSlider": "widgets:ThresholdSlider",
    "WeightHistogram": "widgets:WeightHistogram",
    "SparsityHeatmap": "widgets:SparsityHeatmap",
    "AccuracyCurve": "widgets:AccuracyCurve",
    "ExpectedCurve": "widgets:ExpectedCurve",
    "SortingSteps": "widgets:SortingSteps",
    "ConvolutionSteps": "widgets:ConvolutionSteps",
    "ScheduleView": "widgets:ScheduleView",
    "ShowOfHands": "widgets:ShowOfHands",
    "Lecture": "widgets:Lecture",
    "PlanView": "widgets:PlanView",
    "LedgerView": "labs.ledger_view:LedgerView",
    "link": "widgets:link",
    "PruningLab": "labs.pruning_lab:PruningLab",
    "LedgerLab": "labs.ledger_lab:LedgerLab",
    "save_page": "pages.save:save_page",
}

__all__ = ["__version__", *_HOME]

# Former public name -> today's. A former name keeps working and warns; `dir` does not show it.
# `models` takes from here what it defines.
_RENAMED = {
    "reload": "load_exported",
    "sparse_wins": "sparse_speedup",
    "with_weights": "copy_with_weights",
    "compare": "compare_methods",
    "summary": "summarize_runs",
    "unit_scores": "unit_score",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562) and keep it, so that the next use is a plain attribute."""
    if name in _RENAMED:
        deprecation = import_module(".deprecation", __name__)
        deprecation.warn_former(f"{__name__}.{name}", f"{__name__}.{_RENAMED[name]}")
        return deprecation.as_formerly(getattr(sys.modules[__name__], _RENAMED[name]))
    if name not in _HOME:
        raise AttributeError(f"module 'prunewidgets' has no attribute {name!r}; it has: {', '.join(_HOME)}")
    module, _, attribute = _HOME[name].partition(":")
    value = import_module(f"{__name__}.{module}")
    if attribute:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


class _PublicModules:
    """A finder that lets ``import prunewidgets.schedules`` return the module from where it is defined."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Find a public module by its short name; leave everything else to Python's own finders."""
        package, _, public = name.partition(".")
        room = _HOME.get(public, public) if package == __name__ else public
        return None if room == public or ":" in room else ModuleSpec(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the module from where it is defined, once."""
        module = import_module(f"{__name__}.{_HOME[spec.name.partition('.')[2]]}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec: it keeps only its real name."""
        module.__spec__ = module.__spec__.loader_state


sys.meta_path.append(_PublicModules())

if "IPython" in sys.modules:
    import_module(".utils.cell_interrupts", __name__).handle_interrupts()


def __dir__() -> list[str]:
    return sorted(__all__)
