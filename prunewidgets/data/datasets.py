"""The data sets of the workbook, ``pw.datasets``: one function each, checked before they are used."""

from .digit_scenes import digit_scenes as digit_scenes
from .glosses import glosses as glosses
from .knowledge_graph import KnowledgeGraph as KnowledgeGraph
from .knowledge_graph import knowledge_graph as knowledge_graph
from .letters import letters as letters
from .mnist import mnist as mnist

__all__ = ["KnowledgeGraph", "digit_scenes", "glosses", "knowledge_graph", "letters", "mnist"]
