// A small neural network library: enough to run the networks of the course, forwards and backwards.
//
// A batch of images is one long array of numbers, image after image, channel after channel, row
// after row: the order that PyTorch has in memory, too. Beside it stands its shape, [N, C, H, W].
// Every layer is an object with two functions:
//   forward(x)            gives its output, for x = {data, shape}
//   backward(x, y, grad)  gives the gradient at its input from the gradient at its output
// Weights are not trained here, so no gradient of a weight is worked out.
(() => {
  const size = (shape) => shape.reduce((product, n) => product * n, 1);
  const zeros = (shape) => ({ data: new Float64Array(size(shape)), shape });

  // y[o] = b[o] + sum over input channels c and taps (i, j) of w[o, c, i, j] * x[c], shifted.
  // A tap that looks past the edge meets the padding, which is 0: its rows and columns are skipped.
  function conv({ inputs, outputs, kernel, padding, weight, bias }) {
    // Calls act(out, in, w, from, to) for each pair of rows that a weight joins: y[out + k] and
    // x[in + k] for k from `from` to `to`, both of the row's columns.
    function eachRow(x, height, width, act) {
      const [n, , H, W] = x.shape;
      for (let image = 0; image < n; image++)
        for (let o = 0; o < outputs; o++)
          for (let c = 0; c < inputs; c++)
            for (let i = 0; i < kernel; i++)
              for (let j = 0; j < kernel; j++) {
                const w = weight[((o * inputs + c) * kernel + i) * kernel + j];
                const from = Math.max(0, padding - j), to = Math.min(width, W + padding - j);
                for (let row = Math.max(0, padding - i); row < Math.min(height, H + padding - i); row++)
                  act(
                    ((image * outputs + o) * height + row) * width,
                    ((image * inputs + c) * H + row + i - padding) * W + j - padding,
                    w, from, to,
                  );
              }
    }
    const sizes = ([n, , H, W]) => [n, outputs, H + 2 * padding - kernel + 1, W + 2 * padding - kernel + 1];
    return {
      forward(x) {
        const y = zeros(sizes(x.shape)), [, , height, width] = y.shape, area = height * width;
        for (let map = 0; map < y.shape[0] * outputs; map++)
          y.data.fill(bias[map % outputs], map * area, (map + 1) * area);
        const from = x.data, to = y.data;
        eachRow(x, height, width, (out, at, w, start, end) => {
          for (let k = start; k < end; k++) to[out + k] += w * from[at + k];
        });
        return y;
      },
      // Each product went from a pixel to an output; its gradient takes the same way back.
      backward(x, y, grad) {
        const back = zeros(x.shape), [, , height, width] = y.shape, from = grad.data, to = back.data;
        eachRow(x, height, width, (out, at, w, start, end) => {
          for (let k = start; k < end; k++) to[at + k] += w * from[out + k];
        });
        return back;
      },
    };
  }

  function linear({ inputs, outputs, weight, bias }) {
    return {
      forward(x) {
        const n = x.shape[0], y = zeros([n, outputs]);
        for (let image = 0; image < n; image++)
          for (let o = 0; o < outputs; o++) {
            let sum = bias[o];
            for (let k = 0; k < inputs; k++) sum += weight[o * inputs + k] * x.data[image * inputs + k];
            y.data[image * outputs + o] = sum;
          }
        return y;
      },
      backward(x, y, grad) {
        const back = zeros(x.shape);
        for (let image = 0; image < x.shape[0]; image++)
          for (let o = 0; o < outputs; o++) {
            const g = grad.data[image * outputs + o];
            for (let k = 0; k < inputs; k++) back.data[image * inputs + k] += weight[o * inputs + k] * g;
          }
        return back;
      },
    };
  }

  const relu = {
    forward: (x) => ({ data: x.data.map((v) => (v > 0 ? v : 0)), shape: x.shape }),
    backward: (x, y, grad) => ({ data: grad.data.map((g, k) => (x.data[k] > 0 ? g : 0)), shape: x.shape }),
  };

  const flatten = {
    forward: (x) => ({ data: x.data, shape: [x.shape[0], size(x.shape) / x.shape[0]] }),
    backward: (x, y, grad) => ({ data: grad.data, shape: x.shape }),
  };

  // Calls act(out, [in, …]) for each window of a pooling whose stride is its side.
  function windows(x, side, act) {
    const [n, channels, H, W] = x.shape, height = Math.floor(H / side), width = Math.floor(W / side);
    const inside = new Array(side * side);
    for (let map = 0; map < n * channels; map++)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) {
          for (let k = 0; k < inside.length; k++) {
            const i = row * side + Math.floor(k / side), j = column * side + (k % side);
            inside[k] = (map * H + i) * W + j;
          }
          act((map * height + row) * width + column, inside);
        }
  }
  const pooled = ([n, channels, H, W], side) => [n, channels, Math.floor(H / side), Math.floor(W / side)];

  // The whole gradient of a window goes to its maximum; of several equal ones, to the first.
  function max({ side }) {
    const winner = (data, inside) => inside.reduce((best, k) => (data[k] > data[best] ? k : best));
    return {
      forward(x) {
        const y = zeros(pooled(x.shape, side));
        windows(x, side, (out, inside) => (y.data[out] = x.data[winner(x.data, inside)]));
        return y;
      },
      backward(x, y, grad) {
        const back = zeros(x.shape);
        windows(x, side, (out, inside) => (back.data[winner(x.data, inside)] += grad.data[out]));
        return back;
      },
    };
  }

  function mean({ side }) {
    return {
      forward(x) {
        const y = zeros(pooled(x.shape, side));
        windows(x, side, (out, inside) => {
          for (const k of inside) y.data[out] += x.data[k] / (side * side);
        });
        return y;
      },
      backward(x, y, grad) {
        const back = zeros(x.shape);
        windows(x, side, (out, inside) => {
          for (const k of inside) back.data[k] += grad.data[out] / (side * side);
        });
        return back;
      },
    };
  }

  // Batch norm: subtract a mean, divide by a standard deviation, scale, shift; channel by channel.
  // In eval mode both are stored numbers. In training mode they are taken from the batch itself, so
  // that every image has a say in what becomes of the others.
  function norm({ channels, eps, weight, bias, mean: means, variance }, training) {
    function statistics(x, act) {
      const n = x.shape[0], area = size(x.shape) / n / channels;
      for (let c = 0; c < channels; c++) {
        const at = [];
        for (let image = 0; image < n; image++) at.push((image * channels + c) * area);
        const count = n * area;
        let m = means[c], v = variance[c];
        if (training) {
          m = v = 0;
          for (const start of at) for (let k = 0; k < area; k++) m += x.data[start + k] / count;
          for (const start of at) for (let k = 0; k < area; k++) v += (x.data[start + k] - m) ** 2 / count;
        }
        act(c, at, area, m, 1 / Math.sqrt(v + eps), count);
      }
    }
    return {
      forward(x) {
        const y = zeros(x.shape);
        statistics(x, (c, at, area, m, scale) => {
          for (const start of at)
            for (let k = start; k < start + area; k++)
              y.data[k] = weight[c] * (x.data[k] - m) * scale + bias[c];
        });
        return y;
      },
      backward(x, y, grad) {
        const back = zeros(x.shape);
        statistics(x, (c, at, area, m, scale, count) => {
          // In training mode the mean and the deviation follow the input, which takes two terms off.
          let sum = 0, along = 0;
          if (training)
            for (const start of at)
              for (let k = start; k < start + area; k++) {
                sum += grad.data[k] / count;
                along += (grad.data[k] * (x.data[k] - m) * scale) / count;
              }
          for (const start of at)
            for (let k = start; k < start + area; k++)
              back.data[k] = weight[c] * scale * (grad.data[k] - sum - (x.data[k] - m) * scale * along);
        });
        return back;
      },
    };
  }

  // What the string of weights holds, from its beginning on: half floats have 16 bits, a sign, five bits of
  // exponent and ten of fraction. A matrix is one half float, its step, and then a byte for each weight, which
  // says how many steps it is.
  function reader(text) {
    const bytes = new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
    let at = 0;
    const half = () => {
      const bits = bytes.getUint16(at, true), exponent = (bits >> 10) & 31, fraction = bits & 1023;
      const value = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024);
      at += 2;
      return bits >> 15 ? -value : value;
    };
    return {
      vector: (length) => Float64Array.from({ length }, half),
      matrix: (length) => {
        const step = half();
        return Float64Array.from({ length }, () => step * bytes.getInt8(at++));
      },
    };
  }

  // Reads a network from what `live.described` wrote: its layers, with their weights as plain numbers.
  function read({ layers, weights }) {
    const { vector, matrix } = reader(weights);
    return layers.map(([kind, ...of]) => {
      if (kind === "conv") {
        const [inputs, outputs, kernel, padding] = of;
        const weight = matrix(outputs * inputs * kernel * kernel);
        return { kind, inputs, outputs, kernel, padding, weight, bias: vector(outputs) };
      }
      if (kind === "linear") {
        const [inputs, outputs] = of;
        return { kind, inputs, outputs, weight: matrix(outputs * inputs), bias: vector(outputs) };
      }
      if (kind === "norm") {
        const [channels, eps] = of;
        const [weight, bias, means, variance] = [1, 2, 3, 4].map(() => vector(channels));
        return { kind, channels, eps, weight, bias, mean: means, variance };
      }
      return { kind, side: of[0] };
    });
  }

  const kinds = { conv, linear, max, mean, norm, relu: () => relu, flatten: () => flatten };

  // What every layer gives: outputs[0] is the input, outputs[k + 1] the output of layer k.
  function forward(layers, x, training = false) {
    const outputs = [x];
    for (const layer of layers) outputs.push(kinds[layer.kind](layer, training).forward(outputs.at(-1)));
    return outputs;
  }

  // The gradient at every output, from the one at the last: back[k] belongs to outputs[k].
  function backward(layers, outputs, grad, training = false) {
    const back = [grad];
    for (let k = layers.length - 1; k >= 0; k--) {
      const layer = kinds[layers[k].kind](layers[k], training);
      back.unshift(layer.backward(outputs[k], outputs[k + 1], back[0]));
    }
    return back;
  }

  // Probabilities from scores. The largest score is taken off first, so that no power overflows.
  function softmax(scores) {
    const top = Math.max(...scores), powers = Array.from(scores, (s) => Math.exp(s - top));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((p) => p / sum);
  }

  return { backward, forward, read, softmax };
})()
