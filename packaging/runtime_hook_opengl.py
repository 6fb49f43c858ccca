"""Stands in for Qt's OpenGL modules in the frozen window program: 10 MB that nothing here draws with.

pyqtgraph imports them when it is imported, and uses them only after `useOpenGL` was switched on, which this
program never does. PlotCurveItem asks of every widget whether it is a QOpenGLWidget: none is.
"""

import sys
from types import ModuleType


class QOpenGLWidget:
    """What no widget of this program is."""


sys.modules["PySide6.QtOpenGL"] = ModuleType("PySide6.QtOpenGL")
widgets = ModuleType("PySide6.QtOpenGLWidgets")
vars(widgets)["QOpenGLWidget"] = QOpenGLWidget
sys.modules["PySide6.QtOpenGLWidgets"] = widgets
