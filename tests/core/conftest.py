from hypothesis import settings

# The same examples every time: a red test is a change in the code, not luck.
settings.register_profile("core", deadline=None, max_examples=100, derandomize=True)
settings.load_profile("core")
