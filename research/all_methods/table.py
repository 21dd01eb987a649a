"""The table of the README, from the CSVs."""

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).with_name("runs")


def markdown() -> str:
    return ""
