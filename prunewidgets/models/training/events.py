"""EventFile: write numbers in TensorBoard's file format, whether or not TensorBoard is installed."""

import itertools
import os
import socket
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

_NUMBERS = itertools.count()
_BARS = 30


class EventFile:
    """A file of scalars and histograms that ``tensorboard --logdir`` reads.

    TensorFlow's own writers need the TensorBoard package; writing the records directly needs only TensorFlow.

    Args:
        folder: Folder for the file, created if missing; each EventFile writes a separate file in it.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Open the file."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}.{next(_NUMBERS)}"
        self._file = tf.io.TFRecordWriter(str(Path(folder) / name))
        self._write(file_version="brain.Event:2")

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Add one number."""
        self._add(step, tag=tag, simple_value=float(value))

    def histogram(self, tag: str, values: np.ndarray, step: int) -> None:
        """Add the distribution of an array; nothing if it is empty."""
        values = np.asarray(values, np.float64).ravel()
        if not values.size:
            return
        counts, edges = np.histogram(values, bins=_BARS)
        self._add(
            step,
            tag=tag,
            histo=tf.compat.v1.HistogramProto(
                min=values.min(),
                max=values.max(),
                num=values.size,
                sum=values.sum(),
                sum_squares=np.square(values).sum(),
                bucket_limit=edges[1:],
                bucket=counts,
            ),
        )

    def close(self) -> None:
        """Write what is still buffered and close the file."""
        self._file.close()

    def _add(self, step: int, **value: object) -> None:
        self._write(step=step, summary=tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(**value)]))
        self._file.flush()

    def _write(self, **event: object) -> None:
        self._file.write(tf.compat.v1.Event(wall_time=time.time(), **event).SerializeToString())
