"""For the lessons. The service, securedata, knows nothing of it.

lesson01_… to lesson08_…   each with its services to break into, its checks and its explorer
run_through/               what a hall does to the service in 30 minutes
judging/                   what students hand to a check, and how it is judged
servers/                   start the service or a twin in one call; keep secrets beside the kernel
twins/                     the service in small, without a flaw: lessons weaken it in flaws.py
drawing/                   pictures, and what all explorers share
basics/                    DSA by hand, bits, and secrets drawn by chance

This file has what notebooks of several lessons use. The rest is exported by each lesson. `audit`,
`duel`, `fix` and their file are lesson 08's: students write them into each cell, as `@lab.fix`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
