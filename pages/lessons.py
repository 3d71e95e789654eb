"""Lessons: the four considerations as lessons for a class: first a question to predict, then the run that answers it."""

from pages.parts.lessons import lesson

place = lesson.current()
at = lesson.places(place)
lesson.question(place, at)
if lesson.predicted(place):
    case = lesson.run(place, at)
    lesson.reading(place, case, at)
lesson.onward(place, at)
