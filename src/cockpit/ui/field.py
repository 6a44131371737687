"""A field of one line that reads as one: underlined over its whole width, also while nothing is typed."""

from textual.strip import Strip
from textual.widgets import Input


class Field(Input):
    """An input without a border. Of an empty one that has the focus Textual itself paints the cursor only."""

    def __init__(
        self,
        value: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        placeholder: str = "",
        disabled: bool = False,
    ) -> None:
        super().__init__(value, id=id, placeholder=placeholder, disabled=disabled, compact=True)

    def render_line(self, y: int) -> Strip:
        """Return the row, painted to its end."""
        return super().render_line(y).extend_cell_length(self.size.width, self.rich_style)
