"""Lessons: the four considerations as lessons for a class: first a question to predict, then the run that answers it."""

from pages.parts.lessons import lesson

position = lesson.current()
at = lesson.containers(position)
lesson.question(position, at)
if lesson.predicted(position):
    case = lesson.run(position, at)
    lesson.reading(position, case, at)
lesson.onward(position, at)
