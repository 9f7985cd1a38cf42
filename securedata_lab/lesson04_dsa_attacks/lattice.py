"""Short rows of a lattice: the LLL algorithm, in integers (Lenstra, Lenstra and Lovász, 1982).

A lattice is the set of all sums of whole multiples of some rows, its basis. LLL turns a basis of
long, almost parallel rows into one of short, almost perpendicular rows of the same lattice. It
rounds nothing: every fraction is kept as a numerator over a known denominator (Cohen, "A Course in
Computational Algebraic Number Theory", 1993, algorithm 2.6.7).
"""

Row = list[int]


def reduced(basis: list[Row]) -> list[Row]:
    """The reduced basis of the same lattice, its first row the shortest or close to it.

    The rows must be linearly independent; none is changed in place.

    >>> reduced([[31, 0], [24, 1]])
    [[3, 4], [-4, 5]]
    """
    work = _Reduction(basis)
    k = 1
    while k < len(basis):
        work.shorten(k, k - 1)
        if work.is_in_order(k):
            for j in reversed(range(k - 1)):
                work.shorten(k, j)
            k += 1
        else:
            work.swap(k)
            k = max(k - 1, 1)
    return work.rows


class _Reduction:
    """The rows, and their Gram–Schmidt orthogonalisation.

    A class, because four steps share three tables. In textbooks row i's share of row j is µ(i, j),
    and the squared length of what is perpendicular in row i is B(i). Here both are integers:

        d[i]       = B(0)·…·B(i-1), so that d[0] is 1
        share[i][j] = µ(i, j) · d[j+1]
    """

    def __init__(self, basis: list[Row]) -> None:
        self.rows = [list(row) for row in basis]
        self.d = [1]
        self.share: list[Row] = []
        for i, row in enumerate(self.rows):
            self.share.append([])
            for j in range(i + 1):
                u = sum(a * b for a, b in zip(row, self.rows[j], strict=True))
                for k in range(j):
                    u = (self.d[k + 1] * u - self.share[i][k] * self.share[j][k]) // self.d[k]
                self.share[i].append(u)
            self.d.append(self.share[i].pop())

    def shorten(self, k: int, j: int) -> None:
        """Take row j from row k as often as makes row k shortest."""
        times = (2 * self.share[k][j] + self.d[j + 1]) // (2 * self.d[j + 1])  # rounded
        if times == 0:
            return
        self.rows[k] = [a - times * b for a, b in zip(self.rows[k], self.rows[j], strict=True)]
        self.share[k][j] -= times * self.d[j + 1]
        for i in range(j):
            self.share[k][i] -= times * self.share[j][i]

    def is_in_order(self, k: int) -> bool:
        """Lovász's condition, with 3/4: swapped with the row before, row k would not be shorter."""
        swapped = self.d[k + 1] * self.d[k - 1] + self.share[k][k - 1] ** 2
        return 4 * swapped >= 3 * self.d[k] ** 2

    def swap(self, k: int) -> None:
        """Change rows k and k-1, and bring the tables up to date."""
        rows, d, share = self.rows, self.d, self.share
        rows[k - 1], rows[k] = rows[k], rows[k - 1]
        share[k - 1], share[k][:-1] = share[k][:-1], share[k - 1]
        u = share[k][k - 1]
        new = (d[k - 1] * d[k + 1] + u * u) // d[k]
        for later in share[k + 1 :]:
            before = later[k]
            later[k] = (d[k + 1] * later[k - 1] - u * before) // d[k]
            later[k - 1] = (new * before + u * later[k]) // d[k + 1]
        d[k] = new
