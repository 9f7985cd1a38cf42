"""How Sphinx makes the book of the tree that tools/book.py prepares."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

project = "securedata"
html_title = "securedata"
extensions = ["myst_nb"]
nb_execution_mode = "off"  # the outputs are those of the masters
myst_enable_extensions = ["attrs_block", "dollarmath", "html_image"]
myst_heading_anchors = 4  # as GitHub does it

html_theme = "sphinx_book_theme"
html_favicon = "icon.svg"
html_static_path = ["static"]
html_css_files = ["katex/katex.min.css", "book.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("katex/katex.min.js", "book.js")]
html_search_scorer = "scorer.js"
html_copy_source = False  # a notebook's source has the outputs that the page folds
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_persistent": [],  # the sidebar has the search
    "footer_content_items": ["extra-footer.html"],
    "show_navbar_depth": 1,
    "use_download_button": False,
    "extra_footer": (
        "By the securedata-kit contributors. Texts and drawings: "
        '<a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>.'
        " Code: MIT."
    ),
}
html_math_renderer = "katex"


def formula(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula as it is: book.js shows it, wherever it stands."""
    tag = "span" if isinstance(node, nodes.math) else "div"
    translator.body += [
        translator.starttag(node, tag, "", CLASS="formula"),
        f"{translator.encode(node.astext())}</{tag}>",
    ]
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Take KaTeX for formulas, as the slides do."""
    app.add_html_math_renderer("katex", (formula, None), (formula, None))
