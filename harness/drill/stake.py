"""What a drill has to look at depends on what it is about: the looks, at a database, and where nothing is struck."""

from __future__ import annotations

from typing import Protocol

from harness.drill.scene import Scene
from harness.estate import Estate
from harness.facts import AtStake, Stage
from harness.probes import application, database


class Stake(Protocol):
    """The looks that are different."""

    kind: AtStake

    def names(self, estate: Estate) -> tuple[str, ...]:
        """Under what the one that took over must answer."""
        ...

    def before(self, scene: Scene) -> None:
        """The baseline, once every client works that writes into what is at stake."""
        ...

    def database_at(self, scene: Scene) -> tuple[str, int]:
        """Where the database is looked for once it is recovered."""
        ...

    def validate(self, scene: Scene) -> None:
        """Who serves now, while the clients still work."""
        ...

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        """Where else the database may be, when it does not answer under its name."""
        ...

    def settle(self, scene: Scene, host: str, port: int) -> None:
        """Who holds the data, after the clients have stopped; the database is at that host."""
        ...

    def after(self, scene: Scene) -> None:
        """Who serves and how strong it is, once the clients are gone."""
        ...


class UnderItsName:
    """Whoever takes over answers under the database's own name."""

    def database_at(self, scene: Scene) -> tuple[str, int]:
        return scene.database_name


class DatabaseAtStake(UnderItsName):
    """A database, under its own name and behind the application."""

    kind = AtStake.DATABASE

    def names(self, estate: Estate) -> tuple[str, ...]:
        return estate.zone.public_name, estate.zone.database_name

    def before(self, scene: Scene) -> None:
        scene.note_protection(Stage.BASELINE, scene.spec.strikes)
        scene.old_endpoint = scene.endpoint_of(scene.spec.strikes)

    def validate(self, scene: Scene) -> None:
        directory, login = scene.environment.directory, scene.environment.login()
        scene.note(database.serving(directory, scene.aws(), scene.estate, *scene.database_name, login))
        scene.note(application.database_behind(directory, scene.aws(), scene.estate))

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        return scene.endpoint_of(scene.spec.recovers_to[0])

    def settle(self, scene: Scene, host: str, port: int) -> None:
        note_serving(scene, host, port)

    def after(self, scene: Scene) -> None:
        scene.note(application.database_behind(scene.environment.directory, scene.aws(), scene.estate))
        scene.note_protection(Stage.SETTLED, scene.spec.recovers_to[0])


class NothingAtStake(UnderItsName):
    """The clients go on at their database as if nothing had happened; a witness looks at the rest."""

    kind = AtStake.DATABASE

    def names(self, estate: Estate) -> tuple[str, ...]:
        return ()

    def before(self, scene: Scene) -> None:
        """The witness looks for itself, just before the strike."""

    def validate(self, scene: Scene) -> None:
        """The witness does."""

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        return None

    def settle(self, scene: Scene, host: str, port: int) -> None:
        note_serving(scene, host, port)

    def after(self, scene: Scene) -> None:
        """The witness has looked."""


def note_serving(scene: Scene, host: str, port: int) -> None:
    """Which database is there."""
    directory, login = scene.environment.directory, scene.environment.login()
    scene.note(database.serving(directory, scene.aws(), scene.estate, host, port, login))
