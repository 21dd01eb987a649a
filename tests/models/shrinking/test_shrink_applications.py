"""Known networks with random weights; `benchmarks/shrink_families.py` does it for all families of Keras."""

import keras
import numpy as np
import pytest

from prunewidgets.models.shrinking.channels import channel_groups
from prunewidgets.models.shrinking.shrink import mask_units, shrink

from ..small_nets import examples, randomise, some_units


@pytest.mark.parametrize(
    ("name", "size", "groups", "fixed"),
    [
        ("MobileNetV2", 32, 25, ["predictions"]),
        ("EfficientNetB0", 32, 40, ["predictions", "normalization"]),
        ("ResNet50", 32, 37, ["predictions"]),
        ("DenseNet121", 32, 120, ["predictions"]),
        ("InceptionV3", 75, 94, ["predictions"]),
        ("VGG16", 32, 15, ["predictions"]),
    ],
)
def test_half_of_the_units_of_a_known_network_can_be_removed(name, size, groups, fixed):
    build = getattr(keras.applications, name)
    shape = (size, size, 3)
    model = randomise(build(weights=None, input_shape=shape, classes=5, classifier_activation=None))
    found = channel_groups(model)
    assert (len(found), list(found.fixed)) == (groups, fixed)
    masks = some_units(found)
    x = examples(model, n=2)
    wide = np.asarray(mask_units(model, masks)(x))
    small = shrink(model, masks)
    assert small.count_params() < 0.3 * model.count_params()
    assert np.ptp(wide) > 1e-3  # there is something to compare
    np.testing.assert_allclose(np.asarray(small(x)), wide, rtol=1e-4, atol=1e-4 * np.abs(wide).max())
