//! A plugin's file: its facts and its shape are read, or it is refused, whatever its bytes are.

use lockflight::plugin::facts::Facts;
use lockflight::plugin::fit::Shape;
use lockflight::plugin::wit::contract;
use lockflight::world::World;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::ManglingAndAbi;

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    if let Ok(Some(facts)) = Facts::read(data) {
        let mut other = b"\0asm\x0d\0\x01\0".to_vec();
        facts.append(&mut other);
        assert_eq!(
            Facts::read(&other).expect("facts are written well"),
            Some(facts)
        );
    }
    let Ok(shape) = Shape::read(data) else {
        return false;
    };
    shape.imports();
    shape.exports();
    let fits = shape.worlds();
    for world in World::ALL {
        assert_eq!(fits.contains(&world), shape.differences(world).is_empty());
    }
    !fits.is_empty()
}

/// An empty component for each world, with facts.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |world: World| {
        let (resolve, id) = (&contract().resolve, contract().world(world));
        let mut module = dummy_module(resolve, id, ManglingAndAbi::Standard32);
        embed_component_metadata(&mut module, resolve, id, StringEncoding::UTF8, false)
            .expect("the contract is sound");
        let mut component = ComponentEncoder::default()
            .module(&module)
            .and_then(ComponentEncoder::encode)
            .expect("the contract makes a component");
        let facts = serde_json::json!({ "name": "a", "version": "0.1.0", "world": world, "config": {}, "declares": ["seed"] });
        let facts: Facts = serde_json::from_value(facts).expect("these are facts");
        facts.append(&mut component);
        component
    };
    World::ALL.into_iter().map(seed).collect()
}
