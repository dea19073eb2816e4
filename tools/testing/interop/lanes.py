# SPDX-License-Identifier: GPL-2.0-or-later
"""Several pairs of daemons at once: while one waits, others go on.

Owns the processes that have a pair each, with a network of its own, and take
points from a list that all pairs with the same peer share.
"""

import contextlib
import io
import multiprocessing
import multiprocessing.connection
import time
import traceback

import lib

# So many points with a peer may have failed by chance
SECOND_TRIES = 3


class Lane:
    """A process with a pair; it is sent numbers of points, and sends
    (number, what went wrong or "", what was said) for each."""

    def __init__(self, make_pair, points):
        self.make_pair, self.points = make_pair, points
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.run, args=(other,))
        self.process.start()
        other.close()
        self.number = None
        self.died = False

    def run(self, pipe):
        """In the process."""
        self.pipe.close()
        pair = None
        try:
            while (number := pipe.recv()) is not None:
                said = io.StringIO()
                with contextlib.redirect_stdout(said):
                    pair = pair or self.make_pair()
                    failure = self.attempt(pair, self.points[number][1])
                pipe.send((number, failure, said.getvalue()))
        finally:
            if pair:
                pair.close()
                pair.network.delete()

    @staticmethod
    def attempt(pair, function):
        """Returns what went wrong; what both said is told then."""
        begun = time.monotonic()
        failure = ""
        try:
            try:
                function(pair)
            except Exception:
                pair.tell_logs()
                raise
            finally:
                pair.clean_up()
        except lib.Failed as error:
            failure = str(error)
        except Exception:  # pylint: disable=broad-except
            failure = traceback.format_exc()
        lib.say(f"{time.monotonic() - begun:.1f} s")
        return failure

    def give(self, numbers):
        """The next point, or the end."""
        self.number = numbers.pop(0) if numbers else None
        self.pipe.send(self.number)

    def result(self):
        """(number, failure, what was said) of the point that was given."""
        try:
            return self.pipe.recv()
        except EOFError:
            self.died = True
            return self.number, "its process has died", ""


class Course:
    """What is to be done with a peer: points, and lanes that do them."""

    def __init__(self, make_pair, points, lanes):
        self.points = points
        self.numbers = list(range(len(points)))
        self.again = set()
        self.lanes = [Lane(make_pair, points)
                      for _ in range(min(lanes, len(points)))]
        for lane in self.lanes:
            lane.give(self.numbers)

    def may_try_again(self, number):
        """Emulated processors are slow at times; what fails twice has failed."""
        return number not in self.again and len(self.again) < SECOND_TRIES

    def report(self, report, number, failure):
        name = self.points[number][0]
        if number in self.again and not failure:
            lib.say(f"second try: {name}")
        with report.point(name):
            lib.expect(not failure, failure)

    def take(self, lane, report):
        """Reports what a lane has done, and gives it more."""
        number, failure, said = lane.result()
        if failure and not lane.died and self.may_try_again(number):
            lib.say(f"first try: not ok {self.points[number][0]}\n{failure}")
            self.again.add(number)
            self.numbers.append(number)
        else:
            self.report(report, number, failure)
        print(said, end="", flush=True)
        if not lane.died:
            lane.give(self.numbers)
        if lane.died or lane.number is None:
            lane.process.join()
            lane.pipe.close()
            self.lanes.remove(lane)


def run(courses, report):
    """Until all lanes have done what there was."""
    while any(course.lanes for course in courses):
        at = {lane.pipe: (course, lane)
              for course in courses for lane in course.lanes}
        for pipe in multiprocessing.connection.wait(at):
            course, lane = at[pipe]
            course.take(lane, report)
