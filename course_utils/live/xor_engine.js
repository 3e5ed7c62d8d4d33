// XOR by a network 2–hidden–1, trained as `course_utils.xor` trains it: the same first weights for a
// seed as PyTorch's, the summed loss, plain gradient descent on all four points.
(() => {
  const POINTS = [[0, 0], [0, 1], [1, 0], [1, 1]], TARGETS = [0, 1, 1, 0];

  // Each function with its slope, which is written with the function's own value h where that is shorter.
  const ACTIVATIONS = {
    tanh: [Math.tanh, (h) => 1 - h * h],
    sigmoid: [(z) => 1 / (1 + Math.exp(-z)), (h) => h - h * h],
    relu: [(z) => (z > 0 ? z : 0), (h) => (h > 0 ? 1 : 0)],
    leaky_relu: [(z) => (z > 0 ? z : 0.01 * z), (h) => (h > 0 ? 1 : 0.01)],
    identity: [(z) => z, () => 1],
  };

  // The Mersenne Twister, MT19937: 624 numbers of 32 bits, stirred. PyTorch, NumPy and Python use it too.
  function twister(seed) {
    const state = new Uint32Array(624);
    state[0] = seed;
    for (let k = 1; k < 624; k++)
      state[k] = Math.imul(1812433253, state[k - 1] ^ (state[k - 1] >>> 30)) + k;
    let used = 624;
    return () => {
      if (used === 624) {
        for (let k = 0; k < 624; k++) {
          const y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
          state[k] = state[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
        }
        used = 0;
      }
      let y = state[used++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    };
  }

  // A float32 from −bound to bound, as PyTorch's uniform_ makes it: 24 random bits behind the point.
  function uniform(random, bound) {
    const low = Math.fround(-bound), width = Math.fround(Math.fround(bound) - low);
    return Math.fround(((random() & 0xffffff) / 0x1000000) * width + low); // rounded once
  }

  // Weights w (two for each hidden unit), biases b, the second layer's weights v and its bias c.
  function network(seed, hidden = 2) {
    const random = twister(seed), many = (count, bound) => Array.from({ length: count }, () => uniform(random, bound));
    const [first, second] = [1 / Math.sqrt(2), 1 / Math.sqrt(hidden)];
    return { hidden, w: many(2 * hidden, first), b: many(hidden, first), v: many(hidden, second), c: many(1, second)[0] };
  }

  function forward({ hidden, w, b, v, c }, [x1, x2], f) {
    const h = [];
    let z = c;
    for (let k = 0; k < hidden; k++) {
      h.push(f(w[2 * k] * x1 + w[2 * k + 1] * x2 + b[k]));
      z += v[k] * h[k];
    }
    return [z, h];
  }

  // ln(1 + e^z) − y z, the cross-entropy of a logit, without a power that overflows.
  const entropy = (z, y) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
  const probability = (z) => 1 / (1 + Math.exp(-z));

  // One step down the gradient; returns the loss before it.
  function step(net, lr, activation) {
    const [f, slope] = ACTIVATIONS[activation], { hidden, w, b, v } = net;
    const dw = new Array(2 * hidden).fill(0), db = new Array(hidden).fill(0), dv = new Array(hidden).fill(0);
    let loss = 0, dc = 0;
    POINTS.forEach((x, n) => {
      const [z, h] = forward(net, x, f), delta = probability(z) - TARGETS[n]; // dL/dz
      loss += entropy(z, TARGETS[n]);
      dc += delta;
      for (let k = 0; k < hidden; k++) {
        const at = delta * v[k] * slope(h[k]); // the chain rule, through one hidden unit
        dv[k] += delta * h[k];
        db[k] += at;
        dw[2 * k] += at * x[0];
        dw[2 * k + 1] += at * x[1];
      }
    });
    for (let k = 0; k < hidden; k++) {
      w[2 * k] -= lr * dw[2 * k];
      w[2 * k + 1] -= lr * dw[2 * k + 1];
      b[k] -= lr * db[k];
      v[k] -= lr * dv[k];
    }
    net.c -= lr * dc;
    return loss;
  }

  const logits = (net, activation) => POINTS.map((x) => forward(net, x, ACTIVATIONS[activation][0])[0]);
  const total = (net, activation) =>
    logits(net, activation).reduce((sum, z, n) => sum + entropy(z, TARGETS[n]), 0);
  // All four outputs lie on their side of ½, by more than 0.01.
  const solved = (net, activation) =>
    logits(net, activation).every((z, n) => (TARGETS[n] ? probability(z) > 0.51 : probability(z) < 0.49));

  // The chances of 0, 1, … n successes in n tries, each of which succeeds with the chance p.
  function binomial(n, p) {
    let ways = 1; // n over k
    return Array.from({ length: n + 1 }, (_, k) => {
      if (k) ways *= (n - k + 1) / k;
      return ways * p ** k * (1 - p) ** (n - k);
    });
  }

  return { ACTIVATIONS, POINTS, TARGETS, binomial, forward, network, probability, solved, step, total };
})()
