"""The function that erases people, from its queue. It imports ``shared`` and itself."""
