"""The data sets of the workbook, ``pw.datasets``: one function each, checked before they are used."""

from .glosses import glosses as glosses
from .knowledge_graph import KnowledgeGraph as KnowledgeGraph
from .knowledge_graph import knowledge_graph as knowledge_graph
from .letters import letters as letters
from .mnist import mnist as mnist

__all__ = ["KnowledgeGraph", "glosses", "knowledge_graph", "letters", "mnist"]
