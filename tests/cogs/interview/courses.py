"""What the tests of interviews share."""

begin = answer = course_of = None
