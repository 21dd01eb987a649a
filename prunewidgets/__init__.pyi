"""The public names for type checkers and editors; `__init__.py` imports each when it is first used."""

from . import compact as compact
from . import models as models
from . import plots as plots
from .core import detection as detection
from .core import layouts as layouts
from .core import ledger as ledger
from .core import low_rank as low_rank
from .core import patterns as patterns
from .core import quantization as quantization
from .core import ranking as ranking
from .core import schedules as schedules
from .core import thresholds as thresholds
from .core.criteria import score as score
from .core.masks import Masks as Masks
from .core.neighbors import neighbors_kept as neighbors_kept
from .core.overlap import mask_overlap as mask_overlap
from .core.paired import paired as paired
from .core.unit_masks import unit_masks as unit_masks
from .data import datasets as datasets
from .data import example as example
from .data import wordpieces as wordpieces
from .experiments.compare import compare_methods as compare_methods
from .experiments.load import load_runs as load_runs
from .experiments.report import Report as Report
from .experiments.report import report as report
from .experiments.summary import summarize_runs as summarize_runs
from .labs.ledger_lab import LedgerLab as LedgerLab
from .labs.ledger_view import LedgerView as LedgerView
from .labs.pruning_lab import PruningLab as PruningLab
from .method_table import methods as methods
from .models import ChannelGate as ChannelGate
from .models import FollowTraining as FollowTraining
from .models import GradualPruning as GradualPruning
from .models import LiveModel as LiveModel
from .models import Plan as Plan
from .models import RewindPoint as RewindPoint
from .models import SmallestNetworks as SmallestNetworks
from .models import SparseTraining as SparseTraining
from .models import accuracy_curve as accuracy_curve
from .models import channel_groups as channel_groups
from .models import copy_with_weights as copy_with_weights
from .models import costs as costs
from .models import data_score as data_score
from .models import early_exits as early_exits
from .models import exit_curve as exit_curve
from .models import exit_runner as exit_runner
from .models import export as export
from .models import factorize as factorize
from .models import gate_channels as gate_channels
from .models import hold_zeros as hold_zeros
from .models import latency as latency
from .models import learned_thresholds as learned_thresholds
from .models import load_compact as load_compact
from .models import load_exported as load_exported
from .models import load_model as load_model
from .models import lottery_tickets as lottery_tickets
from .models import mask_units as mask_units
from .models import peak_memory as peak_memory
from .models import plan as plan
from .models import prune as prune
from .models import prune_and_update as prune_and_update
from .models import quantize as quantize
from .models import quantized_weights as quantized_weights
from .models import rank_plan as rank_plan
from .models import refresh_statistics as refresh_statistics
from .models import register_channels as register_channels
from .models import save_compact as save_compact
from .models import save_model as save_model
from .models import search_plan as search_plan
from .models import sensitivity as sensitivity
from .models import shrink as shrink
from .models import slimming as slimming
from .models import smallest_networks as smallest_networks
from .models import sparse_speedup as sparse_speedup
from .models import sr_ste as sr_ste
from .models import tune_codebooks as tune_codebooks
from .models import unit_score as unit_score
from .models import unit_sensitivity as unit_sensitivity
from .models import variational_dropout as variational_dropout
from .pages.save import save_page as save_page
from .plots import comparison as comparison_plots
from .utils.progress_bar import progress as progress
from .widgets import AccuracyCurve as AccuracyCurve
from .widgets import ConvolutionSteps as ConvolutionSteps
from .widgets import ExpectedCurve as ExpectedCurve
from .widgets import Lecture as Lecture
from .widgets import PlanView as PlanView
from .widgets import ScheduleView as ScheduleView
from .widgets import ShowOfHands as ShowOfHands
from .widgets import SortingSteps as SortingSteps
from .widgets import SparsityHeatmap as SparsityHeatmap
from .widgets import ThresholdSlider as ThresholdSlider
from .widgets import WeightHistogram as WeightHistogram
from .widgets import link as link

__version__: str

__all__ = [
    "__version__",
    "example",
    "thresholds",
    "ledger",
    "datasets",
    "wordpieces",
    "plots",
    "comparison_plots",
    "models",
    "schedules",
    "patterns",
    "layouts",
    "low_rank",
    "quantization",
    "ranking",
    "detection",
    "compact",
    "methods",
    "score",
    "Masks",
    "paired",
    "neighbors_kept",
    "mask_overlap",
    "LiveModel",
    "Plan",
    "progress",
    "compare_methods",
    "load_runs",
    "report",
    "Report",
    "summarize_runs",
    "FollowTraining",
    "GradualPruning",
    "SparseTraining",
    "refresh_statistics",
    "variational_dropout",
    "learned_thresholds",
    "slimming",
    "smallest_networks",
    "SmallestNetworks",
    "sr_ste",
    "RewindPoint",
    "lottery_tickets",
    "data_score",
    "plan",
    "ChannelGate",
    "early_exits",
    "exit_curve",
    "exit_runner",
    "gate_channels",
    "prune",
    "prune_and_update",
    "hold_zeros",
    "accuracy_curve",
    "sensitivity",
    "channel_groups",
    "unit_masks",
    "unit_score",
    "unit_sensitivity",
    "mask_units",
    "shrink",
    "factorize",
    "rank_plan",
    "search_plan",
    "register_channels",
    "quantize",
    "quantized_weights",
    "copy_with_weights",
    "tune_codebooks",
    "save_model",
    "load_model",
    "save_compact",
    "load_compact",
    "export",
    "load_exported",
    "costs",
    "latency",
    "peak_memory",
    "sparse_speedup",
    "ThresholdSlider",
    "WeightHistogram",
    "SparsityHeatmap",
    "AccuracyCurve",
    "ExpectedCurve",
    "ShowOfHands",
    "Lecture",
    "SortingSteps",
    "ConvolutionSteps",
    "ScheduleView",
    "PlanView",
    "LedgerView",
    "link",
    "PruningLab",
    "LedgerLab",
    "save_page",
]
