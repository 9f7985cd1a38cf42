// Lays each section out on as many slides as it takes, none taller than HEIGHT, and starts reveal.js.
const [WIDTH, HEIGHT] = [1280, 720];

// A page outside of the slides, where everything has the size that it will have on one.
const ruler = document.createElement("div");
ruler.id = "ruler";
document.querySelector(".reveal").append(ruler);

class Layout {
  constructor(section) {
    this.heading = section.querySelector("h1, h2");
    this.notes = section.querySelector("aside");
    this.pages = [];
    this.turn();
    for (const piece of section.querySelectorAll(":scope > div")) this.place(piece);
    this.pages.forEach(hideWhatComesLater);
  }

  turn() {
    this.page = document.createElement("div");
    this.page.className = "page";
    this.page.append(this.heading.cloneNode(true));
    if (this.pages.length) this.page.firstChild.append(" (continued)");
    if (this.question) {
      this.page.append(document.createElement("div"));
      this.page.lastChild.className = "again";
      this.page.lastChild.append(this.question.cloneNode(true));
    }
    this.page.given = this.page.children.length;  // what stands on it before its first piece
    this.pages.push(this.page);
    ruler.append(this.page);
  }

  // The part of a piece that is on this page.
  box(piece) {
    if (this.page.lastChild.piece === piece) return this.page.lastChild;
    const box = document.createElement("div");
    box.className = piece.className;
    box.piece = piece;
    this.page.append(box);
    return box;
  }

  // A piece stays on one page if it can; else it is laid out block by block.
  place(piece) {
    const blocks = [...piece.children].flatMap(items);
    if (!this.tried(blocks, piece)) {
      if (this.hasPieces()) this.turn();
      for (const block of blocks) this.placeBlock(block, piece);
    }
    // A question stands above its output and answer, also if they come on the next slide.
    if (piece.matches(".answer")) this.question = null;
    this.question = blocks.find((it) => it.textContent.startsWith("Before you run this")) || this.question;
  }

  hasPieces() {
    return this.page.children.length > this.page.given;
  }

  placeBlock(block, piece) {
    if (this.tried([block], piece)) return;
    if (this.hasPieces()) {
      this.turn();
      if (this.tried([block], piece)) return;
    }
    const parts = lines(block);
    if (parts.length > 1) {
      for (const part of parts) this.placeBlock(part, piece);
      return;
    }
    this.shrink(block, piece);
  }

  // Whether these blocks fit on the page, where they stay if they do.
  tried(blocks, piece) {
    const box = this.box(piece);
    box.append(...blocks);
    if (this.fits()) return true;
    for (const block of blocks) block.remove();
    if (!box.children.length) box.remove();
    return false;
  }

  shrink(block, piece) {
    this.box(piece).append(block);
    for (let zoom = 0.95; !this.fits() && zoom > 0.3; zoom -= 0.05) block.style.zoom = zoom;
  }

  fits() {
    return this.page.offsetHeight <= HEIGHT && this.page.scrollWidth <= WIDTH;
  }

  slides() {
    return this.pages.map((page) => {
      const slide = document.createElement("section");
      slide.append(page);
      if (this.notes) slide.append(this.notes.cloneNode(true));
      return slide;
    });
  }
}

// The items of a list one by one, so that a long list may continue on the next slide.
function items(block) {
  if (block.tagName !== "UL" && block.tagName !== "OL") return [block];
  const first = block.start || 1;
  return [...block.children].map((item, place) => {
    const list = block.cloneNode(false);
    if (block.tagName === "OL") list.start = first + place;
    list.append(item);
    return list;
  });
}

// A long plain text in halves of whole lines, at an empty line if there is one near the middle.
function lines(block) {
  const rows = block.tagName === "PRE" && !block.children.length && block.textContent.trimEnd().split("\n");
  if (!rows || rows.length < 2) return [block];
  const middle = Math.ceil(rows.length / 2);
  const far = (place) => Math.abs(place - middle);
  const empty = [...rows.keys()].filter((it) => !rows[it].trim() && far(it) <= rows.length / 4);
  const end = empty.sort((a, b) => far(a) - far(b))[0] ?? middle;
  return [rows.slice(0, end), rows.slice(empty.length ? end + 1 : end)].map((part) => {
    const half = block.cloneNode(false);
    half.textContent = part.join("\n");
    return half;
  });
}

// Outputs and answers come one after the other, unless a page begins with one.
function hideWhatComesLater(page) {
  for (const box of [...page.children].slice(page.given + 1)) {
    if (box.matches(".output, .answer")) box.classList.add("fragment");
  }
}

async function start() {
  const source = document.createElement("div");
  source.append(document.getElementById("sections").content);
  ruler.append(source);
  renderMathInElement(source, {
    delimiters: [
      {left: "$$", right: "$$", display: true},
      {left: "$", right: "$", display: false},
    ],
    throwOnError: false,
  });
  await Promise.all([...source.querySelectorAll("img")].map((image) => image.decode().catch(() => {})));
  await document.fonts.ready;
  const sections = [...source.children];
  source.remove();
  const slides = sections.flatMap((section) => new Layout(section).slides());
  document.querySelector(".slides").append(...slides);
  ruler.remove();
  await Reveal.initialize({
    width: WIDTH, height: HEIGHT, margin: 0, center: false, hash: true,
    slideNumber: "c/t", transition: "none", controlsLayout: "edges", plugins: [RevealNotes],
  });
}

start();
