/**
 * All that the page does by itself: a hint beside what is pointed at or has the focus, its neighbours brought out, and
 * one stop of the Tab key for each drawing, with the arrow keys inside. It only ever puts text into the page.
 */
export const script = `'use strict';
(() => {
  const hint = document.getElementById('hint');
  let shown = null;
  let timer = 0;

  const about = (mark) => mark.dataset.about.split('\\n');

  function show(mark, x, y) {
    clearTimeout(timer);
    if (shown !== mark) {
      hide();
      shown = mark;
      hint.replaceChildren(...about(mark).map((line, i) => {
        const p = document.createElement('p');
        if (i > 0 && line.startsWith('To mend it, ')) p.className = 'remedy';
        p.textContent = line;
        return p;
      }));
      hint.hidden = false;
      mark.setAttribute('aria-describedby', 'hint');
      light(mark);
    }
    const { width, height } = hint.getBoundingClientRect();
    const left = Math.max(8, Math.min(x - 24, document.documentElement.clientWidth - width - 8));
    const below = y + 16 + height < document.documentElement.clientHeight;
    hint.style.left = left + 'px';
    hint.style.top = Math.max(8, below ? y + 14 : y - height - 14) + 'px';
  }

  function showBeside(mark) {
    const { left, bottom } = mark.querySelector('.port, .card').getBoundingClientRect();
    show(mark, left + 24, bottom);
  }

  function hide() {
    clearTimeout(timer);
    if (shown === null) return;
    shown.removeAttribute('aria-describedby');
    shown.ownerSVGElement.classList.remove('lighted');
    for (const lit of shown.ownerSVGElement.querySelectorAll('.lit')) lit.classList.remove('lit');
    shown = null;
    hint.hidden = true;
  }

  function light(mark) {
    const svg = mark.ownerSVGElement;
    const own = mark.dataset.node;
    const ends = new Set([own, mark.dataset.from, mark.dataset.to]);
    const lit = own === undefined
      ? [mark]
      : [...svg.querySelectorAll('.link')].filter(({ dataset }) => dataset.from === own || dataset.to === own);
    for (const link of lit) {
      link.classList.add('lit');
      ends.add(link.dataset.from);
      ends.add(link.dataset.to);
    }
    for (const node of svg.querySelectorAll('.node')) if (ends.has(node.dataset.node)) node.classList.add('lit');
    svg.classList.add('lighted');
  }

  for (const svg of document.querySelectorAll('svg.graph')) {
    const marks = [...svg.querySelectorAll('.node, .link')];
    for (const mark of marks) {
      // The browser's own hint would come on top of this one.
      const title = mark.querySelector('title');
      mark.dataset.about = title.textContent;
      mark.setAttribute('aria-label', title.textContent.replaceAll('\\n', '. '));
      title.remove();
      mark.setAttribute('tabindex', mark === marks[0] ? '0' : '-1');
    }
    svg.parentElement.classList.add('live');
    const markAt = (event) => event.target.closest('.node, .link');
    svg.addEventListener('pointermove', (event) => {
      const mark = markAt(event);
      if (mark !== null && mark !== shown) show(mark, event.clientX, event.clientY);
      else if (mark !== null) clearTimeout(timer);
    });
    svg.addEventListener('pointerout', () => {
      clearTimeout(timer);
      timer = setTimeout(hide, 200);
    });
    svg.addEventListener('focusin', (event) => {
      const mark = markAt(event);
      if (mark === null || mark === shown || !mark.matches(':focus-visible')) return;
      for (const other of marks) other.setAttribute('tabindex', other === mark ? '0' : '-1');
      showBeside(mark);
    });
    svg.addEventListener('focusout', hide);
    svg.addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      const here = marks.indexOf(event.target);
      const next = event.key === 'Home' ? marks[0] : event.key === 'End' ? marks.at(-1) : step && marks[here + step];
      if (here < 0 || !next) return;
      event.preventDefault();
      next.focus();
    });
  }

  hint.addEventListener('pointerenter', () => clearTimeout(timer));
  hint.addEventListener('pointerleave', hide);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
  addEventListener('scroll', () => {
    // What gets the focus is scrolled into view: the hint goes with it.
    if (shown !== null && shown === document.activeElement) showBeside(shown);
    else hide();
  }, { capture: true, passive: true });
})();
`;
