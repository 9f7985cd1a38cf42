"""The lessons' package was part of this one until 0.2. Old notebooks need this sentence."""

raise ImportError(
    "securedata.lab is a package of its own now: write `import securedata_lab as lab`, or take "
    "this version's notebooks, which do"
)
