"""Lessons: stories for a class: first a question to predict, then the run that answers it."""

from pages.parts.lessons import lesson, position

shown = position.current()
containers = lesson.lay_out(shown)
lesson.question(shown, containers)
case, numbers = (None, lesson.exhibit(shown, containers)) if shown.now.exhibit else lesson.run(shown, containers)
if numbers is not None:
    lesson.reading(shown, case, numbers, containers)
lesson.onward(shown, containers)
