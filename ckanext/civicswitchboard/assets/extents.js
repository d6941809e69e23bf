/* Areas on a map: shown on a page, picked in a form, searched by. Leaflet comes with
 * ckanext-spatial; where it is missing, places and numbers work without a map. */
(function (ckan) {
  'use strict';

  var SIDES = ['west', 'south', 'east', 'north'];
  var AREA = { color: '#0b6b6b', weight: 3, fillColor: '#0b6b6b', fillOpacity: 0.15 };
  var OUTLINE = { color: '#6b7178', weight: 1, fillColor: '#6b7178', fillOpacity: 0.06, interactive: false };

  function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, function (all, name) {
      return name in values ? values[name] : all;
    });
  }

  function rounded(number) {
    return Math.round(number * 1e5) / 1e5;
  }

  // An empty data attribute arrives as true.
  function given(option) {
    return typeof option === 'string' || (option && typeof option === 'object') ? option : '';
  }

  /* Geometry */

  function readGeometry(text) {
    try {
      var data = JSON.parse(text);
      if (data && data.type === 'FeatureCollection' && data.features.length === 1) data = data.features[0];
      if (data && data.type === 'Feature') data = data.geometry;
      return data && boxOf(data) ? data : null;
    } catch (error) {
      return null;
    }
  }

  function positions(geometry) {
    if (geometry.geometries) return [].concat.apply([], geometry.geometries.map(positions));
    var found = [];
    (function walk(each) {
      if (typeof each[0] === 'number') found.push(each);
      else each.forEach(walk);
    })(geometry.coordinates);
    return found;
  }

  function boxOf(geometry) {
    var all = positions(geometry);
    if (!all.length) return null;
    var box = all.reduce(
      function (box, at) {
        return {
          west: Math.min(box.west, at[0]), south: Math.min(box.south, at[1]),
          east: Math.max(box.east, at[0]), north: Math.max(box.north, at[1])
        };
      },
      { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
    );
    return SIDES.every(function (side) { return isFinite(box[side]); }) ? box : null;
  }

  function sameBox(a, b) {
    return SIDES.every(function (side) { return Math.abs(a[side] - b[side]) < 1e-6; });
  }

  // Whether a geometry has more detail than the box around it.
  function isOutline(geometry) {
    if (geometry.type === 'Point') return false;
    if (geometry.type !== 'Polygon' || geometry.coordinates.length !== 1) return true;
    var box = boxOf(geometry);
    var corners = {};
    geometry.coordinates[0].forEach(function (at) { corners[at[0] + ' ' + at[1]] = at; });
    var keys = Object.keys(corners);
    return keys.length !== 4 || !keys.every(function (key) {
      var at = corners[key];
      return (at[0] === box.west || at[0] === box.east) && (at[1] === box.south || at[1] === box.north);
    });
  }

  function geometryOf(box) {
    if (box.west === box.east && box.south === box.north) {
      return { type: 'Point', coordinates: [box.west, box.south] };
    }
    if (box.west === box.east || box.south === box.north) {
      return { type: 'LineString', coordinates: [[box.west, box.south], [box.east, box.north]] };
    }
    return {
      type: 'Polygon',
      coordinates: [[
        [box.west, box.south], [box.east, box.south], [box.east, box.north], [box.west, box.north],
        [box.west, box.south]
      ]]
    };
  }

  // What an address says in place of a name.
  function geometryOfText(text) {
    var numbers = text.split(',').map(Number);
    var box = {};
    SIDES.forEach(function (side, place) { box[side] = numbers[place]; });
    return numbers.length === 4 && numbers.every(isFinite) ? geometryOf(inOrder(box)) : null;
  }

  // Whether a box goes over the 180th meridian: the other way would be more than half of the globe.
  // The same as core/geo/extents.py has it.
  function crosses(box) {
    return box.west - box.east > 180 && box.west - box.east < 360 && box.west <= 180 && box.east >= -180;
  }

  function inOrder(box) {
    var east = crosses(box) ? box.east + 360 : box.east;
    return {
      west: Math.min(box.west, east), south: Math.min(box.south, box.north),
      east: Math.max(box.west, east), north: Math.max(box.south, box.north)
    };
  }

  function isWorld(box) {
    return box.west <= -179 && box.south <= -85 && box.east >= 179 && box.north >= 85;
  }

  /* Places */

  var loaded = {};

  function loadPlaces(address) {
    if (!address) return Promise.resolve([]);
    if (!loaded[address]) {
      loaded[address] = fetch(address).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).then(function (data) { return data.features; });
      loaded[address].catch(function () { delete loaded[address]; });
    }
    return loaded[address];
  }

  function named(features, name) {
    return features.filter(function (each) { return each.properties.name === name; })[0];
  }

  /* The map */

  function AreaMap(element, options) {
    this.element = element;
    this.places = given(options.places);
    this.area = null;
    this.labels = L.layerGroup();
    var settings = {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, boxZoom: false,
      // A finger that scrolls the page must not get stuck in a map that only shows something.
      dragging: !(options.still && L.Browser.mobile)
    };
    this.map = mapWithTiles(element, given(options.tiles), settings);
    this.map.addControl(L.control.zoom({ zoomInTitle: options.zoom_in, zoomOutTitle: options.zoom_out }));
    this.map.fitWorld();
    this.labels.addTo(this.map);
    this.map.on('zoomend resize', this.drawLabels, this);
    this.watchSize();
    this.ready = this.drawPlaces();
  }

  function mapWithTiles(element, tiles, settings) {
    if (tiles && tiles.type) {
      try {
        return ckan.commonLeafletMap(element, tiles, settings);
      } catch (error) {
        console.error('The map tiles cannot be used: ' + error);
        element.innerHTML = '';
        delete element._leaflet_id;
      }
    }
    // Without tiles, which blur between their own steps, outlines fit the map exactly.
    return new L.Map(element, Object.assign({ zoomSnap: 0.1 }, settings));
  }

  AreaMap.prototype.drawPlaces = function () {
    var self = this;
    return loadPlaces(this.places).then(function (features) {
      self.features = features;
      if (!features.length) return;
      self.outlines = L.geoJson(features, {
        style: OUTLINE,
        pointToLayer: function (feature, at) { return L.circleMarker(at, Object.assign({ radius: 4 }, OUTLINE)); }
      }).addTo(self.map);
      if (self.area) self.area.bringToFront();
      else self.fit();
      self.drawLabels();
    }).catch(function () {});
  };

  // Names where there is room for them: of small places first, none over another place.
  AreaMap.prototype.drawLabels = function () {
    if (!this.outlines) return;
    var map = this.map;
    var labels = this.labels.clearLayers();
    var taken = [];
    var size = map.getSize();
    this.outlines.getLayers().map(function (layer) {
      var bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
      var low = map.latLngToContainerPoint(bounds.getSouthWest());
      var high = map.latLngToContainerPoint(bounds.getNorthEast());
      return {
        name: layer.feature.properties.name, at: bounds.getCenter(),
        wide: high.x - low.x, high: low.y - high.y, frame: [low.x, high.y, high.x, low.y]
      };
    }).sort(function (a, b) { return a.wide * a.high - b.wide * b.high; }).forEach(function (place) {
      var width = place.name.length * 6.5 + 4;
      var at = map.latLngToContainerPoint(place.at);
      var box = [at.x - width / 2, at.y - 8, at.x + width / 2, at.y + 8];
      var room = place.wide >= width && place.high >= 16 && box[0] >= 0 && box[2] <= size.x;
      var free = taken.every(function (other) {
        return box[2] <= other[0] || box[0] >= other[2] || box[3] <= other[1] || box[1] >= other[3];
      });
      taken.push(place.frame);
      if (!room || !free) return;
      var icon = L.divIcon({ className: 'csw-map-name', html: '<span aria-hidden="true"></span>', iconSize: null });
      var marker = L.marker(place.at, { icon: icon, interactive: false, keyboard: false }).addTo(labels);
      marker.getElement().firstChild.textContent = place.name;
    });
  };

  AreaMap.prototype.watchSize = function () {
    if (!window.ResizeObserver) return;
    var self = this;
    new ResizeObserver(function () {
      var before = self.map.getSize();
      self.map.invalidateSize({ animate: false });
      if (!before.x || !before.y) self.fit();
    }).observe(this.element);
  };

  AreaMap.prototype.show = function (geometry) {
    if (this.area) this.area.remove();
    this.area = null;
    if (geometry) {
      try {
        this.area = L.geoJson(geometry, {
          style: AREA,
          interactive: false,
          pointToLayer: function (feature, at) { return L.circleMarker(at, Object.assign({ radius: 7 }, AREA)); }
        }).addTo(this.map);
      } catch (error) {
        this.area = null;
      }
    }
    this.fit();
  };

  AreaMap.prototype.fit = function () {
    var shown = this.area || this.outlines;
    if (!shown || !shown.getBounds().isValid()) return;
    this.map.fitBounds(shown.getBounds(), { animate: false, padding: [14, 14], maxZoom: 13 });
  };

  // What the map shows, as a box of the one world.
  AreaMap.prototype.view = function () {
    return ofOneWorld(this.map.getBounds());
  };

  function ofOneWorld(bounds) {
    var turns = Math.round(bounds.getCenter().lng / 360) * 360;
    return {
      west: rounded(Math.max(-180, bounds.getWest() - turns)), south: rounded(Math.max(-90, bounds.getSouth())),
      east: rounded(Math.min(180, bounds.getEast() - turns)), north: rounded(Math.min(90, bounds.getNorth()))
    };
  }

  // Let a box be dragged over the map. `done` gets the box, or nothing when it was called off.
  AreaMap.prototype.draw = function (done) {
    if (this.stop) return this.stop();
    var self = this;
    var element = this.element;
    var dragged = this.map.dragging.enabled();
    var start, frame;

    function at(event) { return self.map.mouseEventToLatLng(event); }
    function down(event) {
      if (event.button || event.target.closest('.leaflet-control')) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      start = at(event);
      frame = L.rectangle([start, start], AREA).addTo(self.map);
    }
    function move(event) { if (start) frame.setBounds(L.latLngBounds(start, at(event))); }
    function up(event) {
      if (!start) return;
      var bounds = L.latLngBounds(start, at(event));
      var size = self.map.latLngToContainerPoint(start).distanceTo(self.map.latLngToContainerPoint(at(event)));
      end(size < 4 ? null : ofOneWorld(bounds));
    }
    function escape(event) { if (event.key === 'Escape') end(); }
    function end(box) {
      if (frame) frame.remove();
      element.classList.remove('csw-map-drawing');
      if (dragged) self.map.dragging.enable();
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', up);
      document.removeEventListener('keydown', escape);
      self.stop = null;
      done(box);
    }

    this.stop = end;
    this.map.dragging.disable();
    element.classList.add('csw-map-drawing');
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', up);
    document.addEventListener('keydown', escape);
  };

  /* What the picker and the search share: four inputs, a map and its buttons */

  function Sides(element) {
    this.inputs = SIDES.map(function (side) { return element.querySelector('[data-side=' + side + ']'); });
  }

  Sides.prototype.box = function () {
    if (!this.inputs.every(function (input) { return input.value !== '' && input.validity.valid; })) return null;
    var inputs = this.inputs;
    var box = {};
    SIDES.forEach(function (side, place) { box[side] = Number(inputs[place].value); });
    return box;
  };

  Sides.prototype.write = function (box) {
    this.inputs.forEach(function (input, place) {
      input.value = box ? Math.round(box[SIDES[place]] * 1e6) / 1e6 : '';
      input.setCustomValidity('');
    });
  };

  Sides.prototype.isEmpty = function () {
    return this.inputs.every(function (input) { return input.value === '' && !input.validity.badInput; });
  };

  function startOnce(module) {
    var element = module.el[0];
    if (element.hasAttribute('data-started')) return null;
    element.setAttribute('data-started', '');
    // CKAN would start every module of the page again when HTMX changes a part of it.
    element.setAttribute('dm-initialized', 'true');
    return element;
  }

  function mapIn(element, options) {
    return element && window.L ? new AreaMap(element, options) : null;
  }

  function onButton(element, name, act) {
    var button = element.querySelector('[data-do=' + name + ']');
    if (button) button.addEventListener('click', act);
    return button;
  }

  function letDraw(element, map, options, status, done) {
    var button = onButton(element, 'draw', function () {
      var stopping = !!map.stop;
      button.setAttribute('aria-pressed', String(!stopping));
      if (!stopping) status(options.drawing);
      map.draw(function (box) {
        button.setAttribute('aria-pressed', 'false');
        if (box) done(box);
        else status(options.stopped);
      });
    });
    onButton(element, 'take', function () { done(map.view()); });
  }

  /* A record's extent on its page */

  ckan.module('civicswitchboard-extent-map', function () {
    return {
      initialize: function () {
        var element = startOnce(this);
        if (!element || !window.L) return;
        element.hidden = false;
        var map = mapIn(element, Object.assign({ still: true }, this.options));
        var geometry = this.options.geometry;
        map.show(typeof geometry === 'string' ? JSON.parse(geometry) : geometry);
      }
    };
  });

  /* The picker in a form: the text carries the value, everything else writes it */

  ckan.module('civicswitchboard-extent-picker', function () {
    return {
      initialize: function () {
        var element = startOnce(this);
        if (!element) return;
        var self = this;
        this.root = element;
        this.text = element.querySelector('textarea');
        this.sides = new Sides(element);
        this.select = element.querySelector('select');
        this.ask = element.querySelector('.csw-picker-ask');
        this.status = element.querySelector('[role=status]');
        element.querySelector('.csw-picker-choice').hidden = false;
        var details = element.querySelector('.csw-picker-text');
        details.open = details.hasAttribute('data-bad');
        this.map = mapIn(element.querySelector('.csw-map'), this.options);
        this.listen();
        this.refresh();
        if (this.map) letDraw(element, this.map, this.options, this.say.bind(this), function (box) { self.propose(geometryOf(box)); });
      },

      listen: function () {
        var self = this;
        this.text.addEventListener('change', function () { self.closeAsk(); self.refresh(); self.tell(); });
        if (this.select) this.select.addEventListener('change', function () { self.choosePlace(); });
        var group = this.root.querySelector('.csw-sides');
        group.addEventListener('change', function () { self.numbersChanged(); });
        group.addEventListener('focusout', function (event) {
          if (!group.contains(event.relatedTarget)) self.numbersLeft();
        });
        onButton(this.root, 'clear', function () {
          self.closeAsk();
          self.set(null);
          self.say(self.options.cleared);
        });
        onButton(this.root, 'replace', function () {
          var pending = self.pending;
          self.closeAsk(true);
          self.set(pending);
        });
        onButton(this.root, 'keep', function () {
          self.closeAsk(true);
          self.refresh();
          self.say(self.options.kept);
        });
      },

      say: function (text) { this.status.textContent = text; },

      // Show what the text holds.
      refresh: function () {
        var geometry = this.geometry = readGeometry(this.text.value);
        this.told = this.text.value;
        var box = geometry && boxOf(geometry);
        this.sides.write(box);
        this.root.querySelector('.csw-world').hidden = !(box && isWorld(box));
        this.select && this.selectPlace(geometry, box);
        if (this.map) this.map.show(geometry);
      },

      selectPlace: function (geometry, box) {
        var self = this;
        var select = this.select;
        var text = JSON.stringify(geometry);
        this.isPlace = false;
        if (!geometry) {
          select.value = '';
          return;
        }
        loadPlaces(given(this.options.places)).then(function (features) {
          var found = features.filter(function (each) {
            return JSON.stringify(each.geometry) === text || (!isOutline(geometry) && sameBox(boxOf(each.geometry), box));
          })[0];
          if (self.geometry !== geometry) return;
          self.isPlace = !!found;
          select.value = found ? found.properties.name : '';
        }).catch(function () {});
      },

      // Tell what the text holds.
      tell: function () {
        if (!this.geometry) {
          this.say(this.text.value.trim() ? this.options.unread : this.options.cleared);
          return;
        }
        var box = boxOf(this.geometry);
        this.say(isWorld(box) ? this.options.world : filled(this.options.set, box));
      },

      set: function (geometry) {
        this.text.value = geometry ? JSON.stringify(geometry) : '';
        this.refresh();
        this.tell();
      },

      // Put a geometry in the place of the present one; ask first where detail would be lost.
      propose: function (geometry, ofPlace) {
        if (!this.geometry || !isOutline(this.geometry) || (ofPlace && this.isPlace)) {
          this.set(geometry);
          return;
        }
        // The focus stays: who types a place's name passes over others on the way to it.
        this.pending = geometry;
        this.ask.hidden = false;
        this.say(this.options.asked);
      },

      closeAsk: function (focusBack) {
        this.pending = null;
        if (this.ask.hidden) return;
        this.ask.hidden = true;
        if (focusBack) (this.select || this.sides.inputs[0]).focus();
      },

      choosePlace: function () {
        var self = this;
        var name = this.select.value;
        if (!name) return;
        loadPlaces(given(this.options.places)).then(function (features) {
          var place = named(features, name);
          if (!place) throw new Error(name);
          self.propose(place.geometry, true);
          if (!self.pending) self.say(filled(self.options.chosen, { place: name }) + ' ' + self.status.textContent);
        }).catch(function () { self.say(self.options.unavailable); });
      },

      numbersChanged: function () {
        var inputs = this.sides.inputs;
        inputs.forEach(function (input) { input.setCustomValidity(''); });
        if (this.sides.isEmpty()) {
          this.set(null);
          return;
        }
        var empty = inputs.filter(function (input) { return input.value === '' && !input.validity.badInput; })[0];
        if (empty) {
          empty.setCustomValidity(this.options.incomplete);
          return;
        }
        var box = this.sides.box();
        if (!box) return;
        this.typed(geometryOf(inOrder(box)));
      },

      // Write the text but leave the inputs: a box is right only when its last number is in.
      typed: function (geometry) {
        if (this.geometry && isOutline(this.geometry)) {
          this.propose(geometry);
          return;
        }
        this.text.value = JSON.stringify(geometry);
        this.geometry = geometry;
        if (this.map) this.map.show(geometry);
      },

      numbersLeft: function () {
        var inputs = this.sides.inputs;
        var wrong = inputs.filter(function (input) { return !input.validity.valid; })[0];
        if (wrong) {
          this.say(wrong.validationMessage);
          return;
        }
        var box = this.sides.box();
        if (!box || this.pending || this.text.value === this.told) return;
        var turned = (box.west > box.east && !crosses(box)) || box.south > box.north;
        this.refresh();
        this.tell();
        if (turned) this.say(this.options.turned + ' ' + this.status.textContent);
      }
    };
  });

  /* The search by area: two forms that work by themselves, and a map that fills in the numbers */

  ckan.module('civicswitchboard-extent-search', function () {
    return {
      initialize: function () {
        var element = startOnce(this);
        if (!element) return;
        var self = this;
        this.root = element;
        this.sides = new Sides(element);
        this.select = element.querySelector('select');
        var holder = element.querySelector('.csw-area-map');
        if (holder && window.L) {
          holder.hidden = false;
          // On a narrow screen the results, or what is wrong with the area, come first.
          element.querySelector('details').open = window.innerWidth >= 768;
          this.map = mapIn(holder.querySelector('.csw-map'), this.options);
          letDraw(element, this.map, this.options, this.say.bind(this), function (box) { self.take(box); });
          this.showNumbers();
        }
        element.querySelector('.csw-sides').addEventListener('change', function () { self.showNumbers(); });
        if (this.select) this.select.addEventListener('change', function () { self.showPlace(); });
        ['htmx:pushedIntoHistory', 'htmx:replacedInHistory'].forEach(function (event) {
          document.body.addEventListener(event, function () { self.carryOn(); });
        });
      },

      say: function (text) { this.root.querySelector('[role=status]').textContent = text; },

      take: function (box) {
        this.sides.write(box);
        this.showNumbers();
        this.say(filled(this.options.set, box));
      },

      showNumbers: function () {
        var box = this.sides.box();
        if (this.map) this.map.show(box && geometryOf(inOrder(box)));
      },

      showPlace: function () {
        var self = this;
        var name = this.select.value;
        loadPlaces(given(this.options.places)).then(function (features) {
          var place = named(features, name);
          var geometry = place ? place.geometry : geometryOfText(name);
          self.sides.write(geometry && boxOf(geometry));
          if (self.map) self.map.show(geometry);
        }).catch(function () {});
      },

      // The results changed within the page: carry on what its address says now.
      carryOn: function () {
        var own = ['page', 'ext_bbox', 'ext_place'].concat(SIDES.map(function (side) { return 'ext_' + side; }));
        var parameters = new URLSearchParams(window.location.search);
        this.root.querySelectorAll('.csw-carried').forEach(function (holder) {
          holder.textContent = '';
          parameters.forEach(function (value, key) {
            if (own.indexOf(key) !== -1) return;
            var input = document.createElement('input');
            input.type = 'hidden';
            input.name = key;
            input.value = value;
            holder.appendChild(input);
          });
        });
      }
    };
  });
})(this.ckan);
