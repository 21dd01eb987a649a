"""The views: what the user sees and drags. Only this package imports a widget library."""

from .convolution import ConvolutionSteps
from .curve import AccuracyCurve
from .expected import ExpectedCurve
from .hands import ShowOfHands
from .heatmap import SparsityHeatmap
from .histogram import WeightHistogram
from .lecture import Lecture
from .link import link
from .plan import PlanView
from .schedule import ScheduleView
from .slider import ThresholdSlider
from .steps import SortingSteps

__all__ = [
    "AccuracyCurve",
    "ConvolutionSteps",
    "ExpectedCurve",
    "Lecture",
    "PlanView",
    "ScheduleView",
    "ShowOfHands",
    "SortingSteps",
    "SparsityHeatmap",
    "ThresholdSlider",
    "WeightHistogram",
    "link",
]
