"""Shrink every family of keras.applications: are the outputs of the small and the masked model the same?

`python -m benchmarks.shrink_families [name …]`. Prints one line per network. Weights and statistics are
random; half of every group's units is removed at random. The outputs before the softmax are compared,
relative to the largest value. Each network runs in its own process, so that its memory is freed.
"""

import json
import resource
import subprocess
import sys
import time

from .common import ROOT

SMALL = 32
NAMES = {
    **dict.fromkeys(("MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"), SMALL),
    **dict.fromkeys(("EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3"), SMALL),
    **dict.fromkeys(("EfficientNetB4", "EfficientNetB5", "EfficientNetB6", "EfficientNetB7"), SMALL),
    **dict.fromkeys(("EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3"), SMALL),
    **dict.fromkeys(("EfficientNetV2S", "EfficientNetV2M", "EfficientNetV2L"), SMALL),
    **dict.fromkeys(
        ("ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2"), SMALL
    ),
    **dict.fromkeys(("DenseNet121", "DenseNet169", "DenseNet201", "VGG16", "VGG19"), SMALL),
    **dict.fromkeys(("InceptionV3", "InceptionResNetV2"), 75),
    **dict.fromkeys(("Xception",), 71),
    **dict.fromkeys(("NASNetMobile", "NASNetLarge"), SMALL),
    **dict.fromkeys(("ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge"), SMALL),
    **dict.fromkeys(("ConvNeXtXLarge",), SMALL),
}
"""{name: side of the input images in pixels}."""


def compare(name: str) -> dict:
    """Build one network, remove half of its units, and compare."""
    import keras
    import numpy as np

    from prunewidgets.models.shrinking.channels import channel_groups
    from prunewidgets.models.shrinking.shrink import mask_units, shrink

    keras.utils.set_random_seed(0)
    size = NAMES[name]
    model = getattr(keras.applications, name)(
        weights=None, input_shape=(size, size, 3), classes=10, classifier_activation=None
    )
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if len(variable.shape) == 1:  # biases, normalisation and its statistics, ConvNeXt's scales
            values = variable.numpy() + 0.3 * rng.normal(size=variable.shape)
            variable.assign(np.abs(values) + 0.5 if variable.name == "moving_variance" else values)
    start = time.perf_counter()
    groups = channel_groups(model)
    found = time.perf_counter()
    masks = {}
    for group in groups.values():
        masks[group.name] = np.zeros(group.units, bool)
        masks[group.name][rng.permutation(group.units)[: -(-group.units // 2)]] = True
    begin = time.perf_counter()
    small = shrink(model, masks)
    end = time.perf_counter()
    x = rng.uniform(0, 255, (2, size, size, 3)).astype("float32")
    small_answer = np.asarray(small(x, training=False))
    before, after = model.count_params(), small.count_params()
    del small
    whole_answer = np.asarray(model(x, training=False))
    masked_answer = np.asarray(mask_units(model, masks)(x, training=False))
    largest = np.abs(masked_answer).max()
    return {
        "bench": "shrink_families",
        "case": name,
        "pixels": size,
        "parameters": before,
        "left": after,
        "groups": len(groups),
        "fixed": len(groups.fixed),
        "difference": float(np.abs(small_answer - masked_answer).max() / largest),
        "whole_difference": float(np.abs(whole_answer - masked_answer).max() / largest),
        "find_s": round(found - start, 2),
        "shrink_s": round(end - begin, 2),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 1),
    }


def main(names: list[str]) -> None:
    """Run each network in its own process."""
    for name in names or NAMES:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.shrink_families", "--one", name],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            print(json.dumps({"bench": "shrink_families", "case": name, "error": "".join(last)}), flush=True)
        else:
            print(done.stdout.splitlines()[-1], flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(compare(sys.argv[2])))
    else:
        main(sys.argv[1:])
