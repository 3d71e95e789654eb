"""Lessons: the four considerations as stories for a class: a question to predict first, then the run that answers it."""

from pages.parts.lessons import lesson

place = lesson.current()
at = lesson.places(place)
lesson.question(place, at)
if lesson.predicted(place):
    case = lesson.run(place, at)
    lesson.reading(place, case, at)
lesson.onward(place, at)
