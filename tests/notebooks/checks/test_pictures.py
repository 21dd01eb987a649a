"""The pictures that a chapter draws once."""

from IPython.core.formatters import DisplayFormatter
from matplotlib import figure

CHECKS = "checks.pictures"


def test_a_cell_renders_a_picture_once(checks, monkeypatch):
    rendered, save = [], figure.Figure.savefig
    monkeypatch.setattr(
        figure.Figure, "savefig", lambda self, *a, **k: rendered.append(self) or save(self, *a, **k)
    )
    picture = checks.Picture()
    picture.description = "A <picture>"
    data, metadata = DisplayFormatter().format(picture)
    assert len(rendered) == 1
    assert metadata == {"image/png": {"width": 800, "height": 300}}
    assert data["text/html"] == picture._repr_html_()
    assert 'alt="A &lt;picture&gt;"' in data["text/html"]
