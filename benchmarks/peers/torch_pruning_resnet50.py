"""Remove half of ResNet-50's filters with Torch-Pruning, in .venv-bench; print {"seconds", "name"}."""

import json
import sys
import time
from importlib.metadata import version

import torch
import torch_pruning
from torch import nn


class Bottleneck(nn.Module):
    """The block of He et al. 2016, figure 5, with the stride in the first convolution as in Keras."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            *unit(inputs, width, 1, stride),
            nn.ReLU(),
            *unit(width, width, 3),
            nn.ReLU(),
            *unit(width, 4 * width, 1),
        )
        same = stride == 1 and inputs == 4 * width
        self.side = nn.Identity() if same else nn.Sequential(*unit(inputs, 4 * width, 1, stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.main(x) + self.side(x))


def unit(inputs: int, outputs: int, size: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2), nn.BatchNorm2d(outputs)]


def resnet_50() -> nn.Module:
    blocks, inputs = [], 64
    for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for number in range(count):
            blocks.append(Bottleneck(inputs, width, stride if number == 0 else 1))
            inputs = 4 * width
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000)]
    return nn.Sequential(*unit(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks, *head)


def main(runs: str, part: str) -> None:
    x = torch.zeros(1, 3, 224, 224)
    seconds = []
    for _ in range(int(runs) + 1):
        start = time.perf_counter()
        model = resnet_50().eval()
        before = count(model)
        if part == "prune":  # without building the network
            start = time.perf_counter()
        pruner = torch_pruning.pruner.BasePruner(
            model,
            x,
            importance=torch_pruning.importance.MagnitudeImportance(p=2),
            pruning_ratio=0.5,
            ignored_layers=[model[-1]],
        )
        pruner.step()
        seconds.append(time.perf_counter() - start)
    left = f"{before:,} to {count(model):,} parameters"
    name = f"Torch-Pruning {version('torch-pruning')}, torch {torch.__version__} ({left})"
    print(json.dumps({"seconds": seconds[1:], "name": name}))


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


main(*sys.argv[1:])
