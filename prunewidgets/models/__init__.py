"""Live Keras models: build, measure, prune and restore them.

The only folder of the package that imports Keras and TensorFlow.
"""

from typing import TYPE_CHECKING

from ..deprecation import former_names
from ..utils.starting import starting
from .quiet import quiet

try:
    with starting(), quiet():
        import keras as keras  # data.keras_cache imports it from here
        import tensorflow  # noqa: F401  Keras may be installed without it
except ImportError as error:
    raise ImportError(
        f"Live models need Keras 3 with TensorFlow, and {error.name!r} is not installed: pip install "
        "'prunewidgets[tensorflow]'"
    ) from error

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"Keras runs on {keras.backend.backend()!r} here, and live models need TensorFlow: set the "
        "environment variable KERAS_BACKEND=tensorflow before Keras is imported, and restart Python."
    )

from .compression.codebooks import tune_codebooks
from .compression.factorize import factorize
from .compression.quantized import copy_with_weights, quantize, quantized_weights
from .compression.rank_plan import rank_plan
from .costs.costs import costs
from .costs.latency import latency
from .costs.memory import peak_memory
from .costs.products import sparse_speedup
from .dynamic.channel_gate import ChannelGate
from .dynamic.exits import early_exits
from .dynamic.gated import gate_channels
from .dynamic.leaving import exit_curve
from .dynamic.runner import exit_runner
from .formats.compact_files import load_compact, save_compact
from .formats.export import export, load_exported
from .formats.files import load_model, save_model
from .live.hold_zeros import hold_zeros
from .live.live_model import LiveModel
from .measuring.accuracy import Accuracy
from .planning.plan import plan
from .planning.result import Plan
from .planning.search_plan import search_plan
from .pruning.curves import accuracy_curve, sensitivity
from .pruning.data_criteria import data_score
from .pruning.prune import prune
from .pruning.update import prune_and_update
from .shrinking.channels import channel_groups
from .shrinking.registered import register_channels
from .shrinking.shrink import mask_units, shrink
from .shrinking.unit_scores import unit_score
from .shrinking.unit_sensitivity import unit_sensitivity
from .training.follow import FollowTraining
from .training.gradual import GradualPruning
from .training.rewinding import RewindPoint, lottery_tickets
from .training.slimming import slimming
from .training.smallest import SmallestNetworks, smallest_networks
from .training.sparse import SparseTraining
from .training.statistics import refresh_statistics
from .training.straight_through import sr_ste
from .training.thresholds import learned_thresholds
from .training.variational import variational_dropout
from .zoo.architectures import lenet_5, lenet_300_100, small_cnn
from .zoo.detector import detection_loss, digit_detector
from .zoo.encoder import text_encoder
from .zoo.knowledge import distmult
from .zoo.minilm import minilm
from .zoo.pretrained import pretrained

__all__ = [
    "Accuracy",
    "ChannelGate",
    "FollowTraining",
    "GradualPruning",
    "LiveModel",
    "Plan",
    "RewindPoint",
    "SmallestNetworks",
    "SparseTraining",
    "accuracy_curve",
    "channel_groups",
    "copy_with_weights",
    "costs",
    "data_score",
    "detection_loss",
    "digit_detector",
    "distmult",
    "early_exits",
    "exit_curve",
    "exit_runner",
    "export",
    "factorize",
    "gate_channels",
    "hold_zeros",
    "latency",
    "learned_thresholds",
    "lenet_300_100",
    "lenet_5",
    "load_compact",
    "load_exported",
    "load_model",
    "lottery_tickets",
    "mask_units",
    "minilm",
    "peak_memory",
    "plan",
    "pretrained",
    "prune",
    "prune_and_update",
    "quantize",
    "quantized_weights",
    "rank_plan",
    "refresh_statistics",
    "register_channels",
    "save_compact",
    "save_model",
    "search_plan",
    "sensitivity",
    "shrink",
    "slimming",
    "small_cnn",
    "smallest_networks",
    "sparse_speedup",
    "sr_ste",
    "text_encoder",
    "tune_codebooks",
    "unit_score",
    "unit_sensitivity",
    "variational_dropout",
]

if not TYPE_CHECKING:
    from .. import _RENAMED as _OF_THE_PACKAGE

    # Former name -> today's, see `prunewidgets.deprecation`.
    _RENAMED = {former: today for former, today in _OF_THE_PACKAGE.items() if today in __all__}
    __getattr__ = former_names(__name__, _RENAMED)


def __dir__() -> list[str]:
    return sorted(__all__)
