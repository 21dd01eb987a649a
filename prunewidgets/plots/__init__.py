"""Static figures for reports, drawn with matplotlib and plotly; the live views are in `widgets`."""

from .one_model import curve, curve_plotly, histogram, sensitivity

__all__ = ["curve", "curve_plotly", "histogram", "sensitivity"]
