"""The sentence book, filed by phase of a drill, and the plugins that come with it. Loaded by `-p steps`."""

pytest_plugins = [
    "steps.options",
    "steps.selection",
    "steps.outcomes",
    "steps.guards",
    "steps.allure_bridge",
    "steps.prepare",
    "steps.strike",
    "steps.recover",
    "steps.judge",
]
