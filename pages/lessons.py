"""Lessons: the four considerations as lessons for a class: first a question to predict, then the run that answers it."""

from pages.parts.lessons import lesson

position = lesson.current()
containers = lesson.lay_out(position)
lesson.question(position, containers)
if lesson.predicted(position):
    case = lesson.run(position, containers)
    lesson.reading(position, case, containers)
lesson.onward(position, containers)
