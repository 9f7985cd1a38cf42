"""What a reader does with an explorer, wherever the lesson is opened."""

from typing import Any

# Each key that some explorer takes, and then letters: many are shortcuts of Jupyter's.
KEYS = [
    "ArrowRight",
    "ArrowDown",
    "ArrowLeft",
    "ArrowUp",
    "Home",
    "End",
    "Enter",
    "Space",
    "Escape",
]
LETTERS = "abdmxyz0"


def work_with(explorer: Any, by_touch: bool = False) -> None:
    """Choose something, press each key, type letters. The focus must stay in the explorer."""
    explorer.scroll_into_view_if_needed()
    control = explorer.locator("button:enabled:visible, input:enabled:visible").first
    control.tap() if by_touch else control.click()
    assert has_focus(explorer)
    for key in KEYS:
        explorer.page.keyboard.press(key)
        assert has_focus(explorer), key
    explorer.page.keyboard.type(LETTERS)
    assert has_focus(explorer)


def has_focus(explorer: Any) -> bool:
    return bool(explorer.evaluate("it => it.contains(document.activeElement)"))


def small_targets(explorer: Any) -> list[str]:
    """The controls of less than 24 px. Of a choice in words, the words can be clicked, too."""
    return list(
        explorer.evaluate(
            """it => [...it.querySelectorAll("button, input")]
                .map(control => control.closest("label") ?? control)
                .filter(target => target.checkVisibility())
                .filter(target => {
                    const { width, height } = target.getBoundingClientRect();
                    return Math.min(width, height) < 24;
                })
                .map(target => target.outerHTML.slice(0, 80))"""
        )
    )
