"""The lessons' package was part of this one until 0.2. Old notebooks need this sentence."""

raise ImportError(
    "the lessons' third edition needs kit 0.2: take it, or this kit's notebooks, which say "
    "`import securedata_lab as lab`"
)
