"""Property tests of the codec are bounded by examples, not by a clock that a busy machine would miss."""

from hypothesis import settings

settings.register_profile("bounded", deadline=None, max_examples=100)
settings.load_profile("bounded")
