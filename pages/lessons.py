"""Lessons: stories for a class: first a question to predict, then the run that answers it."""

from pages.parts.lessons import lesson, position

shown = position.current()
containers = lesson.lay_out(shown)
lesson.question(shown, containers)
case = lesson.run(shown, containers)
if shown.answer is not None:
    lesson.reading(shown, case, containers)
lesson.onward(shown, containers)
