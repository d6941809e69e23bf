/*
 * In a narrow window core folds the filters of a search away, behind links without an address: the mouse opens and
 * closes them, no key comes to them. Here they are buttons; Escape and leaving the filters close them too.
 */
(function ($) {
  'use strict';

  var OPENS = '.show-filters', CLOSES = '.hide-filters', FILTERS = '.secondary .filters';

  function open() {
    return document.body.classList.contains('filters-modal');
  }

  function buttons() {
    $(OPENS + ', ' + CLOSES).attr({ role: 'button', tabindex: '0' });
    $(OPENS).attr({ 'aria-expanded': String(open()) });
  }

  function enter() {
    $(FILTERS).find('a[href], ' + CLOSES).filter(':visible').first().trigger('focus');
  }

  function close() {
    document.body.classList.remove('filters-modal');
    buttons();
  }

  buttons();
  document.addEventListener('click', function (event) {
    // Core's own handlers, on the buttons themselves, have been called.
    if (!event.target.closest(OPENS + ', ' + CLOSES)) return;
    buttons();
    if (open()) enter(); else $(OPENS).trigger('focus');
  });
  document.addEventListener('keydown', function (event) {
    var button = event.target.closest(OPENS + ', ' + CLOSES);
    if (button && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      button.click();
    } else if (event.key === 'Escape' && open()) {
      close();
      $(OPENS).trigger('focus');
    }
  });
  document.addEventListener('focusin', function (event) {
    if (open() && !event.target.closest(FILTERS)) close();
  });
  // The results come anew, and with them the filters and their buttons.
  document.body.addEventListener('htmx:afterSettle', function () {
    buttons();
    if (open() && document.activeElement === document.body) enter();
  });
})(this.jQuery);
