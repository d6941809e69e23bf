/* select2 leaves what it puts in the place of an input without a name: it gets that of the label. */
(function ($) {
  'use strict';

  function name() {
    $('.select2-selection[role=combobox]:not([aria-label])').each(function () {
      var replaced = $(this).closest('.select2-container').prev('.select2-hidden-accessible');
      var label = $('label[for="' + replaced.attr('id') + '"]').text().replace('*', '').trim();
      if (label) this.setAttribute('aria-label', label);
    });
  }

  name();
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
})(this.jQuery);
