//! Whether a component fits a world of the contract, and if not, every reason at once.
//!
//! Versions count as the component model counts them: a plugin built on 0.1.0 fits a host that offers 0.1.3. Imports of
//! `wasi:*` are no part of the contract; the host answers them itself, but never to a scorer.

use std::collections::BTreeSet;
use std::fmt;

use wasmparser::Parser;
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding};
use wit_parser::{InterfaceId, ManglingAndAbi, Resolve, WorldId, WorldItem, WorldKey};

use super::describe;
use super::wit::contract;
use crate::enforcement::{Point, stands};
use crate::world::World;

/// A file that is no component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAComponent {
    /// No WebAssembly at all.
    #[error("it is no WebAssembly file: it does not begin with the four bytes `\\0asm`")]
    NotWasm,
    /// WebAssembly of the older kind, without typed interfaces.
    #[error(
        "it is a core module, not a component; `lockflight plugin build` or `wasm-tools component new` makes a component of one"
    )]
    CoreModule,
    /// Only types.
    #[error("it is a WIT package in binary form, which holds types and no code")]
    WitPackage,
    /// Begins as a component and does not go on as one.
    #[error("it is a damaged component: {0}")]
    Damaged(String),
}

/// A way in which a component and a world don't match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Difference {
    /// The world wants an interface that the component does not export.
    #[error("it does not export the interface `{0}`")]
    NoExport(String),
    /// The component exports the interface without one of its functions.
    #[error("its `{interface}` lacks the function `{function}`")]
    NoFunction {
        /// The exported interface.
        interface: String,
        /// The function.
        function: String,
    },
    /// The component imports something that the world does not offer.
    #[error("it imports `{0}`, which this world does not offer")]
    NotOffered(String),
    /// The component imports a function that the offered interface does not have.
    #[error("it imports the function `{function}` of `{interface}`, which this host does not have")]
    FunctionNotOffered {
        /// The imported interface.
        interface: String,
        /// The function.
        function: String,
    },
    /// Both have it, but not of the same type.
    #[error(
        "`{item}` of `{interface}` differs: the plugin has `{plugin}`, the contract `{contract}`"
    )]
    Type {
        /// The interface.
        interface: String,
        /// The function or type.
        item: String,
        /// How the plugin declares it.
        plugin: String,
        /// How the contract declares it.
        contract: String,
    },
    /// A scorer that asks for a system.
    #[error(
        "it imports `{0}`, and a scorer may import no system interface: build it with WASI stubbed out"
    )]
    Wasi(String),
    /// What the component model's own check found.
    #[error("{0}")]
    Other(String),
}

/// Why a component does not fit a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// It is no component.
    NotAComponent(NotAComponent),
    /// It is a plugin, but of other worlds.
    OtherWorld {
        /// The world it was to fit.
        wanted: World,
        /// The worlds it fits.
        fits: Vec<World>,
    },
    /// It fits no world.
    Differs {
        /// The world it was to fit.
        wanted: World,
        /// Every difference to it, sorted.
        differences: Vec<Difference>,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAComponent(error) => error.fmt(f),
            Self::OtherWorld { wanted, fits } => {
                let fits: Vec<_> = fits.iter().map(|world| world.name()).collect();
                write!(
                    f,
                    "this plugin is for world {}, not for {wanted}",
                    fits.join(" and ")
                )
            }
            Self::Differs {
                wanted,
                differences,
            } => {
                write!(f, "it does not fit world {wanted}:")?;
                differences
                    .iter()
                    .try_for_each(|difference| write!(f, "\n  - {difference}"))
            }
        }
    }
}

impl std::error::Error for Misfit {}

/// Checks that a component fits a world.
///
/// # Errors
/// With everything that does not match.
pub fn fit(component: &[u8], world: World) -> Result<(), Misfit> {
    let shape = Shape::read(component).map_err(Misfit::NotAComponent)?;
    let differences = shape.differences(world);
    if differences.is_empty() {
        return Ok(());
    }
    let fits = shape.worlds();
    if fits.is_empty() {
        return Err(Misfit::Differs {
            wanted: world,
            differences,
        });
    }
    Err(Misfit::OtherWorld {
        wanted: world,
        fits,
    })
}

/// A component's imports and exports.
pub struct Shape {
    resolve: Resolve,
    world: WorldId,
}

impl Shape {
    /// Reads them off the component's types.
    ///
    /// # Errors
    /// When the bytes are no component.
    pub fn read(component: &[u8]) -> Result<Self, NotAComponent> {
        if !component.starts_with(b"\0asm") {
            return Err(NotAComponent::NotWasm);
        }
        if Parser::is_core_wasm(component) {
            return Err(NotAComponent::CoreModule);
        }
        // The decoder takes some damaged components for impossible, such as a function with the name of an interface, and panics.
        match std::panic::catch_unwind(|| wit_component::decode(component)) {
            Ok(Ok(DecodedWasm::Component(resolve, world))) => Ok(Self { resolve, world }),
            Ok(Ok(DecodedWasm::WitPackage(..))) => Err(NotAComponent::WitPackage),
            Ok(Err(error)) => Err(NotAComponent::Damaged(format!("{error:#}"))),
            Err(_) => Err(NotAComponent::Damaged(
                "its types cannot be read".to_owned(),
            )),
        }
    }

    /// The worlds that it fits.
    pub fn worlds(&self) -> Vec<World> {
        World::ALL
            .into_iter()
            .filter(|world| self.differences(*world).is_empty())
            .collect()
    }

    /// The names of all imports, as in the component.
    pub fn imports(&self) -> Vec<String> {
        self.resolve.worlds[self.world]
            .imports
            .keys()
            .map(|key| self.resolve.name_world_key(key))
            .collect()
    }

    /// The names of all exports, as in the component.
    pub fn exports(&self) -> Vec<String> {
        self.resolve.worlds[self.world]
            .exports
            .keys()
            .map(|key| self.resolve.name_world_key(key))
            .collect()
    }

    /// Every difference to a world, sorted; none if the component fits it.
    pub fn differences(&self, world: World) -> Vec<Difference> {
        let mut found = BTreeSet::new();
        if !stands(Point::WorldImports) {
            return Vec::new();
        }
        self.compare_imports(world, &mut found);
        self.compare_exports(world, &mut found);
        // The names in the list above are for people; whether it fits is for the component model to say.
        if found.is_empty()
            && let Err(error) = self.targets(world)
        {
            found.insert(Difference::Other(error));
        }
        found.into_iter().collect()
    }

    fn compare_imports(&self, world: World, found: &mut BTreeSet<Difference>) {
        let contract = contract();
        let offered = &contract.resolve.worlds[contract.world(world)].imports;
        for (key, item) in &self.resolve.worlds[self.world].imports {
            let name = self.resolve.name_world_key(key);
            if is_wasi(&name) {
                if world == World::Score && stands(Point::ScorerWasi) {
                    found.insert(Difference::Wasi(name));
                }
                continue;
            }
            let canonical = self.resolve.name_canonicalized_world_key(key);
            let theirs = offered
                .iter()
                .find(|(key, _)| contract.resolve.name_canonicalized_world_key(key) == canonical);
            let (Some((_, WorldItem::Interface { id: ours, .. })), WorldItem::Interface { id, .. }) =
                (theirs, item)
            else {
                found.insert(Difference::NotOffered(name));
                continue;
            };
            for function in self.resolve.interfaces[*id].functions.keys() {
                if !contract.resolve.interfaces[*ours]
                    .functions
                    .contains_key(function)
                {
                    let function = describe::function_name(function);
                    found.insert(Difference::FunctionNotOffered {
                        interface: name.clone(),
                        function,
                    });
                }
            }
            self.compare_items(*id, *ours, &name, found);
        }
    }

    fn compare_exports(&self, world: World, found: &mut BTreeSet<Difference>) {
        let contract = contract();
        let exports = &self.resolve.worlds[self.world].exports;
        for (key, item) in &contract.resolve.worlds[contract.world(world)].exports {
            let WorldItem::Interface { id: wanted, .. } = item else {
                continue;
            };
            let canonical = contract.resolve.name_canonicalized_world_key(key);
            let own = exports
                .iter()
                .find(|(key, _)| self.resolve.name_canonicalized_world_key(key) == canonical);
            let Some((key, WorldItem::Interface { id, .. })) = own else {
                found.insert(Difference::NoExport(contract.resolve.name_world_key(key)));
                continue;
            };
            let name = self.resolve.name_world_key(key);
            for function in contract.resolve.interfaces[*wanted].functions.keys() {
                if !self.resolve.interfaces[*id]
                    .functions
                    .contains_key(function)
                {
                    let function = describe::function_name(function);
                    found.insert(Difference::NoFunction {
                        interface: name.clone(),
                        function,
                    });
                }
            }
            self.compare_items(*id, *wanted, &name, found);
        }
    }

    /// Compares the types and functions that both interfaces have.
    fn compare_items(
        &self,
        own: InterfaceId,
        contracts: InterfaceId,
        name: &str,
        found: &mut BTreeSet<Difference>,
    ) {
        let theirs = &contract().resolve;
        let mut compare = |item: &str, plugin: String, contract: String| {
            if plugin != contract {
                found.insert(Difference::Type {
                    interface: name.into(),
                    item: item.into(),
                    plugin,
                    contract,
                });
            }
        };
        let (own, contracts) = (&self.resolve.interfaces[own], &theirs.interfaces[contracts]);
        for (item, id) in &own.types {
            if let Some(other) = contracts.types.get(item) {
                compare(
                    item,
                    describe::definition(&self.resolve, *id),
                    describe::definition(theirs, *other),
                );
            }
        }
        for (item, function) in &own.functions {
            if let Some(other) = contracts.functions.get(item) {
                let (plugin, contract) = (
                    describe::signature(&self.resolve, function),
                    describe::signature(theirs, other),
                );
                compare(&describe::function_name(item), plugin, contract);
            }
        }
    }

    /// The component model's own check, made on an empty component of this shape without what is no part of the contract:
    /// the `wasi:*` imports, and exports beyond those of the world.
    fn targets(&self, world: World) -> Result<(), String> {
        let contract = contract();
        let wanted: Vec<_> = contract.resolve.worlds[contract.world(world)]
            .exports
            .keys()
            .map(|key| contract.resolve.name_canonicalized_world_key(key))
            .collect();
        let mut resolve = self.resolve.clone();
        let canonical = |key: &WorldKey| self.resolve.name_canonicalized_world_key(key);
        let shape = &mut resolve.worlds[self.world];
        shape.imports.retain(|key, _| !is_wasi(&canonical(key)));
        shape
            .exports
            .retain(|key, _| wanted.contains(&canonical(key)));

        let mut module =
            wit_component::dummy_module(&resolve, self.world, ManglingAndAbi::Standard32);
        wit_component::embed_component_metadata(
            &mut module,
            &resolve,
            self.world,
            StringEncoding::UTF8,
            false,
        )
        .and_then(|()| ComponentEncoder::default().module(&module)?.encode())
        .and_then(|empty| {
            wit_component::targets(&contract.resolve, contract.world(world), &empty, true)
        })
        .map_err(|error| format!("{error:#}"))
    }
}

fn is_wasi(name: &str) -> bool {
    name.starts_with("wasi:")
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
