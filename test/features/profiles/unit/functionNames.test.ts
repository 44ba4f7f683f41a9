import { describe, expect, it } from 'vitest';
import { bareName, qualifiedName } from '../../../../src/features/profiles/core/sources/bareName';
import { definitionIn, surely } from '../../../../src/features/profiles/core/sources/definitionIn';

describe('The name of a function of C++', () => {
  it.each([
    ['std::ostream& acme::operator<<(std::ostream&, acme::X const&)', 'acme operator<<'],
    ['acme::Vec<int>::operator()(int) const', 'acme Vec operator()'],
    ['acme::Vec<int>::operator[](unsigned long)', 'acme Vec operator[]'],
    ['acme::Money::operator double() const', 'acme Money operator double'],
    ['operator new(unsigned long)', 'operator new'],
    ['bool operator==<acme::X>(acme::X const&, acme::X const&)', 'operator=='],
    ['acme::Pool<int>::~Pool()', 'acme Pool ~Pool'],
    ['acme::(anonymous namespace)::Thing::run()', 'acme Thing run'],
    ['void (anonymous namespace)::helper<acme::X>(acme::X&)', 'helper'],
    ['int acme::sum<int, 3ul>(std::vector<int, std::allocator<int> > const&)', 'acme sum'],
    ['acme::run()::{lambda(int)#1}::operator()(int) const', 'acme run'],
    ['acme::run()::$_0::operator()(int) const', 'acme run'],
    ['acme::work(int) [clone .isra.0]', 'acme work'],
    ['_ZN4acme4PoolIiE3getEv', 'acme Pool get'],
    ['_ZN4acme4PoolISt6vectorIN4acme1XESaIS2_EEED2Ev', 'acme Pool ~Pool'],
    ['_ZNK4acme3VecIiLj3EEclEi', 'acme Vec operator()'],
    ['_ZN4acmelsERSoRKNS_1XE', 'acme operator<<'],
    ['_ZN12_GLOBAL__N_16helperIN4acme1XEEEvRT_', 'helper'],
    ['_ZZN4acme3runEvENKUliE_clEi', 'acme run'],
    ['_ZL4workRKSs.isra.0', 'work'],
    ['_ZN4core3fmt5write17h0123456789abcdefE', 'core fmt write'],
    ['_Z', '_Z'],
    ['shop/db.(*Pool[...]).Get', 'shop db Pool Get'],
  ])('%s is qualified as %s', (name, names) => {
    expect(qualifiedName(name).join(' ')).toBe(names);
  });

  it('that is hostile ends', () => {
    for (const name of [
      `_ZN${'I'.repeat(50_000)}`,
      `_ZN4acmeI${'N'.repeat(50_000)}`,
      '(<'.repeat(50_000),
      `operator${'<'.repeat(50_000)}`,
    ])
      expect(bareName(name)).toBeTypeOf('string');
  });
});

const source = `#include "pool.h"
namespace acme {
int get(int key);

class Cache {
 public:
  int get(int key) const {
    return other.get(key);
  }
};

class Pool {
  int get(int key);
  Pool() : size(0) {}
};

// Pool::get(int) takes one.
int Pool::get(
    int key) {
  if (Cache().get(key)) {
    return 1;
  }
  return get(key - 1);
}

template <typename T>
bool operator == (const T& a, const T& b)
{
  return a.same(b);
}
}
`;

describe('The definition of a function', () => {
  it.each([
    ['acme::Cache::get(int) const', 7],
    ['acme::Pool::get(int)', 18],
    ['_ZN4acme4Pool3getEi', 18],
    ['bool acme::operator==<acme::X>(acme::X const&, acme::X const&)', 27],
    ['acme::Pool::Pool()', 14],
  ])('%s is in line %i', (name, line) => {
    expect(definitionIn(source, name)).toMatchObject({ line });
    expect(definitionIn(source, name)!.weight).toBeGreaterThanOrEqual(surely);
  });

  it('of Go is that of the receiver', () => {
    const go = 'func Get() {}\nfunc (c *Cache) Get() {}\nfunc (p *Pool) Get() int {\n  return Get()\n}\n';
    expect(definitionIn(go, 'shop/db.(*Pool).Get')?.line).toBe(3);
    expect(definitionIn(go, 'shop/db.Get')?.line).toBe(1);
  });

  it('may return a reference', () => {
    const shift = 'std::ostream& operator<<(std::ostream& out, const X& x) { return out; }\n';
    expect(definitionIn(shift, 'acme::operator<<(std::ostream&, acme::X const&)')!.weight).toBe(surely);
  });

  it('is not told where there are calls only', () => {
    const calls = 'int main() {\n  if (work(1)) {\n  }\n  return work(2);\n}\n';
    expect(definitionIn(calls, 'work')!.weight).toBeLessThan(surely);
    expect(definitionIn(calls, 'rest')).toBeUndefined();
  });
});
